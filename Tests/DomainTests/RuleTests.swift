import Domain
import Testing

@Suite("Rules for what people type")
struct RuleTests {
    @Test("a user name is folded and keeps to its letters", arguments: ["alice", "Alice", "a.b-c_9", "a"])
    func userNames(text: String) throws {
        #expect(try UserName(text).description == text.lowercased())
    }

    @Test(
        "other user names cannot be built",
        arguments: ["", "a b", "älice", "a/b", String(repeating: "a", count: 33), "a\n", "Ａ"]
    )
    func badUserNames(text: String) {
        #expect { try UserName(text) } throws: { ($0 as? ChatError)?.field == "name" }
    }

    @Test("a room name is folded and may come with its number sign")
    func roomNames() throws {
        #expect(try RoomName("#Dev-1_x").description == "dev-1_x")
        for bad in ["", "#", "##a", "a.b", "a b", String(repeating: "a", count: 65)] {
            #expect(throws: ChatError.self) { try RoomName(bad) }
        }
    }

    @Test("a display name is one line of visible text")
    func displayNames() throws {
        #expect(try DisplayName("  Ålice 👩‍👩‍👧 Ünal ").description == "Ålice 👩‍👩‍👧 Ünal")
        for bad in ["", "   ", "a\u{0}", "a\nb", "\u{202E}ecila", String(repeating: "x", count: 65)] {
            #expect(throws: ChatError.self) { try DisplayName(bad) }
        }
        #expect(throws: ChatError.self) { try DisplayName("a" + String(repeating: "\u{301}", count: 1_000)) }
    }

    @Test("a topic may be empty and has at most 250 characters")
    func topics() throws {
        #expect(try Topic(" ").description == "")
        #expect(try Topic(String(repeating: "é", count: 250)).description.count == 250)
        #expect(throws: ChatError.self) { try Topic(String(repeating: "x", count: 251)) }
        #expect(throws: ChatError.self) { try Topic("a\u{2028}b") }
    }

    @Test("a message is kept as written, within 8,192 bytes")
    func bodies() throws {
        #expect(try Body(" hi\n").description == " hi\n")
        #expect(try Body(String(repeating: "x", count: 8_192)).description.utf8.count == 8_192)
        #expect { try Body(String(repeating: "é", count: 4_097)) } throws: { ($0 as? ChatError)?.code == "too_large" }
        for empty in ["", " \n\t\u{2003}"] {
            #expect { try Body(empty) } throws: { ($0 as? ChatError)?.code == "invalid" }
        }
        #expect(throws: ChatError.self) { try Body("a\u{0}") }
    }

    @Test("a client id is 1 to 64 plain characters")
    func clientIDs() throws {
        #expect(try ClientID("0190-aB_9").description == "0190-aB_9")
        for bad in ["", "a b", "a.b", "é", String(repeating: "a", count: 65)] {
            #expect { try ClientID(bad) } throws: { ($0 as? ChatError)?.field == "client_id" }
        }
    }

    @Test("a password has 8 to 256 bytes and does not show itself")
    func passwords() throws {
        #expect("\(try Password("correct horse"))" == "(password)")
        for bad in ["1234567", String(repeating: "x", count: 257)] {
            #expect { try Password(bad) } throws: { ($0 as? ChatError)?.field == "password" }
        }
    }

    @Test("mentions are names after an at sign, not addresses, without punctuation, each once")
    func mentions() throws {
        func names(_ text: String) throws -> [String] { try Body(text).mentions.map(\.description) }
        #expect(try names("@bob hi (@Carol), @bob. @d.e-f-") == ["bob", "carol", "d.e-f"])
        #expect(try names("a@b.org @ @@bob @ünal") == ["bob"])
        #expect(try names("no one") == [])
        #expect(try names((0..<60).map { "@u\($0)" }.joined(separator: " ")).count == 50)
    }
}
