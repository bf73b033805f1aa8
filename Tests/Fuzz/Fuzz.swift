import Foundation

/// Gives the fuzzer's bytes to one parser, which the environment names: `FUZZ_TARGET=packet`.
///
/// A parser may refuse anything; it may not crash, hang, or disagree with itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen.run(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

private let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
        fatalError("FUZZ_TARGET is one of: \(names)")
    }
    return target
}()
