import Foundation
import Synchronization

/// Ends the process at once when it is asked to stop a second time. What was not acknowledged is in the clients' outboxes.
final class SecondSignal: Sendable {
    /// The shell's code for an end by SIGTERM.
    private static let exitCode: Int32 = 128 + SIGTERM

    // Only kept alive, never touched again.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        let count = SignalCount()
        sources = [SIGTERM, SIGINT].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { if count.next() > 1 { _exit(Self.exitCode) } }
            source.resume()
            return source
        }
    }
}

private final class SignalCount: Sendable {
    private let value = Atomic(0)
    func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
}
