import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Changes of messages")
struct MessageChangeTests {
    @Test("an edit takes the next number of the room, and calls whom the new text names")
    func edit() async throws {
        try await TestChat.with { test in
            let (alice, bob, carol) = (
                try await test.person("alice"), try await test.person("bob"), try await test.person("carol")
            )
            let room = try await test.room("dev", alice, bob, carol)
            let sent = try await test.say("hi @bob", in: room, id: "k", by: alice).message
            #expect(sent.mentions == [bob.user.id])
            test.clock.advance(seconds: 5)
            let receipt = try await test.chat.edit(sent.seq, in: room, body: "hi @carol", by: alice)
            #expect(receipt.changed)
            #expect(receipt.message.body == "hi @carol")
            #expect(receipt.message.seq == sent.seq)
            #expect(receipt.message.changedSeq == sent.seq + 1)
            #expect(receipt.message.editedAt == test.clock.now)
            #expect(receipt.message.mentions == [carol.user.id])
            #expect(try await test.chat.room(room, by: bob).mentions == 0)
            #expect(try await test.chat.room(room, by: carol).mentions == 1)
            #expect(try await test.chat.room(room, by: bob).unread == 1)

            let again = try await test.chat.edit(sent.seq, in: room, body: "hi @carol", by: alice)
            #expect(!again.changed)
            #expect(again.message.changedSeq == sent.seq + 1)
            let changes = try await test.chat.changes(in: room, since: sent.seq, by: bob)
            #expect(changes.messages.map(\.body) == ["hi @carol"])
            #expect(changes.to == sent.seq + 1)
        }
    }

    @Test("only the author edits, and only what is there")
    func editRefused() async throws {
        try await TestChat.with { test in
            let (alice, bob, eve) = (
                try await test.person("alice"), try await test.person("bob"), try await test.person("eve")
            )
            let room = try await test.room("dev", alice, bob)
            let seq = try await test.say("mine", in: room, by: bob).message.seq
            await #expect(throws: ChatError.forbidden) { try await test.chat.edit(seq, in: room, body: "x", by: alice) }
            await #expect(throws: ChatError.notFound) { try await test.chat.edit(seq, in: room, body: "x", by: eve) }
            await #expect(throws: ChatError.notFound) { try await test.chat.edit(1, in: room, body: "x", by: alice) }
            await #expect { try await test.chat.edit(seq, in: room, body: " ", by: bob) } throws: {
                ($0 as? ChatError)?.field == "body"
            }
            _ = try await test.chat.delete(seq, in: room, by: bob)
            await #expect(throws: ChatError.notFound) { try await test.chat.edit(seq, in: room, body: "x", by: bob) }
        }
    }

    @Test("a late retry of a send finds what became of the message, and never brings it back")
    func lateRetry() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let seq = try await test.say("first", in: room, id: "k", by: alice).message.seq
            _ = try await test.chat.edit(seq, in: room, body: "second", by: alice)
            let retried = try await test.say("first", in: room, id: "k", by: alice)
            #expect(retried.duplicate)
            #expect(retried.message.body == "second")
            await #expect(throws: ChatError.idempotencyMismatch) {
                try await test.say("second", in: room, id: "k", by: alice)
            }
            _ = try await test.chat.delete(seq, in: room, by: alice)
            let late = try await test.say("first", in: room, id: "k", by: alice)
            #expect(late.duplicate)
            #expect(late.message.body == "")
            #expect(late.message.deletedAt != nil)
            #expect(try await test.chat.room(room, by: alice).room.messageCount == 1)
        }
    }

    @Test("a deletion leaves a tombstone without text, reactions and mentions; moderators may, others may not")
    func deletion() async throws {
        try await TestChat.with { test in
            let (alice, bob, carol) = (
                try await test.person("alice"), try await test.person("bob"), try await test.person("carol")
            )
            let room = try await test.room("dev", alice, bob, carol)
            let seq = try await test.say("rude @carol", in: room, by: bob).message.seq
            _ = try await test.chat.react(to: seq, in: room, with: "👍", adding: true, by: carol)
            await #expect(throws: ChatError.forbidden) { try await test.chat.delete(seq, in: room, by: carol) }
            let deleted = try await test.chat.delete(seq, in: room, by: alice).message
            #expect(deleted.body == "")
            #expect(deleted.deletedBy == alice.user.id)
            #expect(deleted.reactions.isEmpty)
            #expect(deleted.mentions.isEmpty)
            #expect(deleted.changedSeq == seq + 2)
            #expect(try await !test.chat.delete(seq, in: room, by: bob).changed)
            #expect(try await test.chat.room(room, by: carol).mentions == 0)
            let audited = try await test.database.read(
                "SELECT actor_name FROM audit WHERE action = 'message.delete' AND subject_id = \(deleted.id.description)"
            ) { try $0.read(String.self) }
            #expect(audited == ["alice"])
            // One's own needs no line.
            let own = try await test.say("oops", in: room, by: bob).message.seq
            _ = try await test.chat.delete(own, in: room, by: bob)
            let count = try await test.database.read("SELECT count(*) FROM audit WHERE action = 'message.delete'") {
                try $0.read(Int64.self)
            }
            #expect(count == [1])
        }
    }

    @Test("a reply quotes the message that it answers, as that is now")
    func reply() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let long = String(repeating: "é", count: 300)
            let first = try await test.say(long, in: room, by: alice).message
            let draft = try Draft(room: room, clientID: "r", body: "yes", replyTo: first.seq)
            let reply = try await test.chat.send(draft, by: bob).message
            let quoted = Quote(seq: first.seq, author: alice.user.id, body: String(long.prefix(200)), deleted: false)
            #expect(reply.reply == quoted)
            #expect(try await test.chat.send(draft, by: bob).duplicate)
            _ = try await test.chat.delete(first.seq, in: room, by: alice)
            let later = try await test.chat.message(reply.seq, in: room, by: alice)
            #expect(later.reply == Quote(seq: first.seq, author: alice.user.id, body: "", deleted: true))
            for nothing in [first.seq, 1, 99] {
                await #expect {
                    try await test.chat.send(
                        Draft(room: room, clientID: "n\(nothing)", body: "yes", replyTo: nothing),
                        by: bob
                    )
                } throws: {
                    ($0 as? ChatError)?.field == "reply_to"
                }
            }
            // The same text as an answer to something else is something else.
            await #expect(throws: ChatError.idempotencyMismatch) {
                try await test.chat.send(Draft(room: room, clientID: "r", body: "yes"), by: bob)
            }
        }
    }
}

@Suite("Reactions")
struct ReactionTests {
    @Test("a person has each emoji once, and only a change takes a number")
    func idempotent() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let seq = try await test.say("hi", in: room, by: alice).message.seq
            let added = try await test.chat.react(to: seq, in: room, with: "👍", adding: true, by: bob)
            #expect(added.changed)
            #expect(added.message.changedSeq == seq + 1)
            #expect(added.message.reactions == [Reaction(emoji: "👍", count: 1, users: [bob.user.id], mine: true)])
            #expect(try await !test.chat.react(to: seq, in: room, with: "👍", adding: true, by: bob).changed)
            test.clock.advance(seconds: 1)
            _ = try await test.chat.react(to: seq, in: room, with: "👍", adding: true, by: alice)
            _ = try await test.chat.react(to: seq, in: room, with: "🎉", adding: true, by: alice)
            let seen = try await test.chat.messages(in: room, by: bob).messages.last?.reactions
            #expect(
                seen == [
                    Reaction(emoji: "👍", count: 2, users: [bob.user.id, alice.user.id], mine: true),
                    Reaction(emoji: "🎉", count: 1, users: [alice.user.id]),
                ]
            )
            let removed = try await test.chat.react(to: seq, in: room, with: "👍", adding: false, by: bob)
            #expect(removed.message.reactions.map(\.count) == [1, 1])
            #expect(removed.message.changedSeq == seq + 4)
            #expect(try await !test.chat.react(to: seq, in: room, with: "👍", adding: false, by: bob).changed)
            #expect(try await test.chat.room(room, by: bob).unread == 1)
        }
    }

    @Test("a message carries at most twenty different emoji")
    func bounded() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let seq = try await test.say("hi", in: room, by: alice).message.seq
            let faces = (0..<21).map { String(UnicodeScalar(UInt32(0x1F600 + $0))!) }
            for face in faces.prefix(20) {
                _ = try await test.chat.react(to: seq, in: room, with: face, adding: true, by: alice)
            }
            await #expect {
                try await test.chat.react(to: seq, in: room, with: faces[20], adding: true, by: alice)
            } throws: {
                ($0 as? ChatError)?.code == "conflict"
            }
            let kept = try await test.chat.message(seq, in: room, by: alice)
            #expect(kept.reactions.count == 20)
            #expect(kept.changedSeq == seq + 20)
        }
    }
}
