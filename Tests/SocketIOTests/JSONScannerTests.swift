import Foundation
import NIOCore
import Testing

@testable import SocketIO

@Suite struct JSONScannerTests {
    /// Whether the whole text is one JSON value.
    private func isValid(_ text: [UInt8]) -> Bool {
        text.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            do throws(JSONScanner.Malformed) {
                while try scanner.next() != nil {}
            } catch {
                return false
            }
            return scanner.isComplete && scanner.offset == bytes.count
        }
    }

    @Test(
        "JSON is taken",
        arguments: [
            "1", "0", "-0", "-1.5e+10", "1E-2", "\"\"", "\"a\\n\\u00e4\\\"\"", "true", "false", "null", "[]", "{}",
            "[ ]",
            "[1, 2]", "{\"a\" : [ { } ] , \"b\":null}", " \n\r\t[1]", "{\"a\":1,\"a\":2}", "[[[[]]]]",
            "\"\u{7f}\u{80}\"",
            "\"\\ud800\"", "123456789012345678901234567890",
        ]
    )
    func accepts(_ text: String) { #expect(isValid(Array(text.utf8))) }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{1:2}", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}",
            "{,}", "{\"a\":1 \"b\":2}", "[}", "{]", "[1}", "tru", "truE", "nul", "falsey", "01", "-", "+1", ".5", "1.",
            "1e",
            "1e+", "0x10", "NaN", "Infinity", "-Infinity", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"",
            "\"a\u{1}\"", "\"a\tb\"", "'a'", "1 1", "[] []", "\u{feff}[]", "//", "[1,,2]", "{\"a\"::1}", "{\"a\":1}}",
        ]
    )
    func refuses(_ text: String) { #expect(!isValid(Array(text.utf8))) }

    @Test("it agrees with Foundation on cut and damaged text")
    func agrees() {
        let good = Array(#"{"a":[1,-2.5e3,"x\n\u00e4",true,false,null,{"b":{}}],"c":"","d":[[],[0]]}"#.utf8)
        #expect(isValid(good))
        for index in good.indices {
            #expect(!isValid(Array(good[..<index])), "cut at \(index)")
        }
        var generator = SystemRandomNumberGenerator()
        let interesting = Array("{}[]\",:\\0-.eE+tfn u1 ".utf8)
        for _ in 0..<5_000 {
            var damaged = good
            damaged[Int.random(in: 0..<good.count, using: &generator)] = interesting.randomElement()!
            // Foundation also takes numbers that begin with a 0 and the like only in its other modes.
            let expected = (try? JSONSerialization.jsonObject(with: Data(damaged), options: [.fragmentsAllowed])) != nil
            #expect(isValid(damaged) == expected, "\(String(decoding: damaged, as: UTF8.self))")
        }
    }

    @Test("thirty-two levels are the deepest")
    func depth() {
        func nested(_ levels: Int) -> [UInt8] {
            Array((String(repeating: "[", count: levels) + String(repeating: "]", count: levels)).utf8)
        }
        #expect(isValid(nested(32)))
        #expect(!isValid(nested(33)))
        let objects = String(repeating: "{\"a\":", count: 33) + "1" + String(repeating: "}", count: 33)
        #expect(!isValid(Array(objects.utf8)))
    }

    @Test("a value is skipped as a whole")
    func skips() {
        let text = Array(#"[ {"a":[1,{}]} , "b" ,-1.5, true,[]]"#.utf8)
        let values = text.withUnsafeBytes { bytes in
            var scanner = JSONScanner(bytes)
            var values: [String] = []
            guard (try? scanner.next()) == .beginArray else { return values }
            while let range = try? scanner.skipValue() {
                values.append(String(decoding: bytes[range], as: UTF8.self))
            }
            return values
        }
        #expect(values == [#"{"a":[1,{}]}"#, #""b""#, "-1.5", "true", "[]"])
    }
}
