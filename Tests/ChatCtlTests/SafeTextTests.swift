import Testing

@testable import ChatCtl

@Suite struct SafeTextTests {
    @Test(
        "control characters, escape sequences and bidi overrides are shown, not obeyed",
        arguments: [
            ("plain äöü 中 👩‍👩‍👧", "plain äöü 中 👩‍👩‍👧"),
            ("\u{1b}[31mred", "\\x1b[31mred"),
            ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
            ("\u{0}\u{7f}\u{9b}", "\\x00\\x7f\\x9b"),
            ("abc\u{202e}fed", "abc\\u{202e}fed"),
            ("\u{2066}x\u{2069}\u{200f}\u{2028}\u{feff}", "\\u{2066}x\\u{2069}\\u{200f}\\u{2028}\\u{feff}"),
        ]
    )
    func escapes(text: String, expected: String) {
        #expect(SafeText.escaped(text) == expected)
    }

    @Test("JSON stays JSON: what it lets through raw is escaped in its own form")
    func escapesJSON() {
        #expect(JSONText.encode(["a": "\u{1b}x\u{202e}\u{85}"]) == "{\"a\":\"\\u001bx\\u202e\\u0085\"}")
    }
}
