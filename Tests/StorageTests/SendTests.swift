import Domain
import Foundation
import Storage
import Testing

@Suite("Sending a message")
struct SendTests {
    @Test("a message takes the next number of its room and comes back as it is stored")
    func numbers() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let first = try await test.say("hello", in: room, id: "a", by: alice)
            #expect(first.message.seq == 2)
            #expect(first.message.n == 1)
            #expect(first.message.changedSeq == 2)
            #expect(first.message.author == alice.user.id)
            #expect(first.message.clientID == "a")
            #expect(first.message.createdAt == test.clock.now)
            #expect(!first.duplicate)
            let page = try await test.chat.messages(in: room, by: alice)
            #expect(page.messages.map(\.kind) == [.created, .text])
            #expect(page.messages.last == first.message)
            #expect(page.lastSeq == 2)
        }
    }
}
