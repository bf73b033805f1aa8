import Domain
import Foundation
import Testing

@Suite("Search queries")
struct SearchQueryTests {
    @Test("filters are taken out, words and phrases stay")
    func grammar() throws {
        let query = try SearchQuery(
            "  red  from:@Alice \"from:bob blue\" in:#General before:2026-01-31 after:2026-01-01 http://x "
        )
        #expect(query.text == "red \"from:bob blue\" http://x")
        #expect(query.author?.description == "alice")
        #expect(query.roomName?.description == "general")
        #expect(query.before == Date(timeIntervalSince1970: 1_769_817_600))
        #expect(query.after == Date(timeIntervalSince1970: 1_767_312_000))
    }

    @Test("an open quotation mark is a blank")
    func openQuote() throws {
        #expect(try SearchQuery("say \"hello you").text == "say hello you")
    }

    @Test(
        "what cannot be looked for is refused",
        arguments: ["", "  ", "\"", "before:yesterday", "before:2026-13-01", "from:", "in:a/b", "a\u{0}b"]
    )
    func refused(text: String) {
        #expect(throws: ChatError.self) { try SearchQuery(text) }
    }

    @Test("a search is bounded")
    func bounded() {
        #expect(throws: ChatError.self) { try SearchQuery(String(repeating: "a", count: 513)) }
    }
}
