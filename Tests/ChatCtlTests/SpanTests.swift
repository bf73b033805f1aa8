import Testing

@testable import ChatCtl

@Suite("Lengths of time on the command line")
struct SpanTests {
    @Test(
        "a number with a unit is a length of time",
        arguments: [("250ms", 250), ("10s", 10_000), ("1.5s", 1_500), ("2m", 120_000), ("6h", 21_600_000), ("0s", 0)]
    )
    func valid(_ text: String, _ milliseconds: Int) {
        #expect(Span(argument: text)?.milliseconds == milliseconds)
    }

    @Test("anything else is refused", arguments: ["", "10", "s", "-1s", "10 s", "1e9d", "nans", "10x"])
    func invalid(_ text: String) {
        #expect(Span(argument: text) == nil)
    }
}
