import Testing

@testable import ChatServer

@Suite("What is written to the log")
struct LogTextTests {
    @Test(
        "control characters are escaped, so that a text stays one line",
        arguments: [
            ("alice", "alice"), ("Zoë 😀 \\n", "Zoë 😀 \\n"), ("a\nb", #"a\nb"#), ("\u{1B}[2J", #"\u{1B}[2J"#),
            ("x\r\n2026 error", #"x\r\n2026 error"#), ("\u{202E}abc\u{2028}", #"\u{202E}abc\u{2028}"#),
        ]
    )
    func escapes(_ text: String, _ line: String) { #expect(LogText.line(text) == line) }
}
