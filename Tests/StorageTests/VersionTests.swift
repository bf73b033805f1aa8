import Domain
import Testing

@testable import Storage

@Suite("What edited messages said before")
struct VersionTests {
    @Test("the members of a room read every earlier text with its time, the latest first, and others do not")
    func kept() async throws {
        try await TestChat.with { test in
            let (alice, bob, eve) = (
                try await test.person("alice"), try await test.person("bob"), try await test.person("eve")
            )
            let room = try await test.room("dev", alice, bob)
            let sent = try await test.say("one", in: room, by: alice).message
            #expect(try await test.chat.versions(of: sent.seq, in: room, by: bob).isEmpty)
            test.clock.advance(seconds: 5)
            let edited = try await test.chat.edit(sent.seq, in: room, body: "two", by: alice).message
            test.clock.advance(seconds: 5)
            _ = try await test.chat.edit(sent.seq, in: room, body: "two", by: alice)
            _ = try await test.chat.edit(sent.seq, in: room, body: "three", by: alice)
            let versions = try await test.chat.versions(of: sent.seq, in: room, by: bob)
            #expect(versions.map(\.body) == ["two", "one"])
            #expect(versions.map(\.writtenAt) == [edited.editedAt!, sent.createdAt])
            await #expect(throws: ChatError.notFound) { try await test.chat.versions(of: sent.seq, in: room, by: eve) }
            await #expect(throws: ChatError.notFound) { try await test.chat.versions(of: 1, in: room, by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.chat.versions(of: 999, in: room, by: bob) }
        }
    }

    @Test("an answer has the latest texts only")
    func bounded() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let seq = try await test.say("0", in: room, by: alice).message.seq
            for number in 1...(MessageVersion.countMax + 2) {
                test.clock.advance(seconds: 60)
                _ = try await test.chat.edit(seq, in: room, body: "\(number)", by: alice)
            }
            let versions = try await test.chat.versions(of: seq, in: room, by: alice)
            #expect(versions.count == MessageVersion.countMax)
            #expect(versions.first?.body == "\(MessageVersion.countMax + 1)")
        }
    }

    @Test("a deleted message has no earlier texts")
    func deleted() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let seq = try await test.say("secret", in: room, by: alice).message.seq
            _ = try await test.chat.edit(seq, in: room, body: "harmless", by: alice)
            _ = try await test.chat.delete(seq, in: room, by: alice)
            #expect(try await test.chat.versions(of: seq, in: room, by: alice).isEmpty)
        }
    }

    @Test("a room that shall not keep them forgets what it has, and who looks after the room decides")
    func forgotten() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let made = try await test.chat.createRoom(name: "dev", members: [bob.user.id], by: .person(alice))
            let room = made.summary.id
            #expect(made.summary.room.keepsVersions)
            let seq = try await test.say("one", in: room, by: bob).message.seq
            _ = try await test.chat.edit(seq, in: room, body: "two", by: bob)
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.updateRoom(room, keepsVersions: false, by: .person(bob))
            }
            let changed = try await test.chat.updateRoom(room, keepsVersions: false, by: .person(alice))
            #expect(!changed.summary.room.keepsVersions)
            #expect(try await test.chat.versions(of: seq, in: room, by: bob).isEmpty)
            _ = try await test.chat.edit(seq, in: room, body: "three", by: bob)
            #expect(try await test.chat.versions(of: seq, in: room, by: bob).isEmpty)
            let acts = try await test.chat.audit(by: .owner).filter { $0.action == .roomUpdate }
            #expect(acts.map(\.detail) == [["keeps_versions": "false"]])
        }
    }
}
