import Domain
import Testing

@Suite("Emoji")
struct EmojiTests {
    @Test("one emoji is taken, in all its forms", arguments: ["👍", "❤️", "❤", "1️⃣", "🇩🇪", "👩‍👩‍👧‍👦", "👍🏽"])
    func taken(text: String) throws {
        #expect(try Emoji(text).description == text)
    }

    @Test("everything else is refused", arguments: ["", "1", "#", "a", "👍👍", ":+1:", "<b>", "é", " ", "👍\u{0}"])
    func refused(text: String) {
        #expect { try Emoji(text) } throws: { ($0 as? ChatError)?.field == "emoji" }
    }

    @Test("a long cluster of marks is refused")
    func long() {
        #expect(throws: ChatError.self) { try Emoji("👍" + String(repeating: "\u{FE0F}", count: 20)) }
    }
}
