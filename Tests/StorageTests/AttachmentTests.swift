import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Images")
struct AttachmentTests {
    @Test("a message carries the images that its author uploaded to the room, in the order chosen")
    func send() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let first = try await test.upload(TestImage.png(width: 3, height: 2), to: room, by: alice)
            let second = try await test.upload(TestImage.gif(width: 5, height: 4), to: room, by: alice)
            let sent = try await test.say("", in: room, with: [second.id, first.id], by: alice).message
            #expect(sent.body == "" && sent.attachments == [second, first])
            #expect(second.mediaType == .gif && second.width == 5 && second.name.description == "cat.png.gif")
            let read = try await test.chat.messages(in: room, by: bob).messages.last
            #expect(read?.attachments == sent.attachments)
            let changes = try await test.chat.changes(in: room, since: sent.seq - 1, by: bob)
            #expect(changes.messages.map(\.attachments) == [sent.attachments])
        }
    }

    @Test("a message without a text needs an image, also when it is edited")
    func emptyBody() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            #expect(throws: ChatError.self) { try Draft(room: room, clientID: "a", body: "") }
            let image = try await test.upload(to: room, by: alice).id
            let sent = try await test.say("look", in: room, with: [image], by: alice).message
            let edited = try await test.chat.edit(sent.seq, in: room, body: " ", by: alice).message
            #expect(edited.body == "" && edited.attachments.map(\.id) == [image])
            let plain = try await test.say("text", in: room, by: alice).message
            await #expect(throws: Body.emptiness) {
                try await test.chat.edit(plain.seq, in: room, body: "", by: alice)
            }
        }
    }

    @Test("what is not the author's own, waiting, in this room refuses that message and none beside it")
    func foreign() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let other = try await test.room("ops", alice, bob)
            let bobs = try await test.upload(to: room, by: bob).id
            let elsewhere = try await test.upload(to: other, by: alice).id
            let sent = try await test.upload(to: room, by: alice).id
            try await test.say("", in: room, with: [sent], by: alice)
            let own = try await test.upload(to: room, by: alice).id
            let shared = try await test.upload(to: room, by: alice).id
            let wanted: [[AttachmentID]] = [
                [bobs], [elsewhere], [sent], [.new(at: test.clock.now)], [own, bobs], [], [shared], [shared],
            ]
            // All in one transaction of the group commit.
            let drafts = try wanted.enumerated().map { index, ids in
                NewMessage(
                    id: .new(at: test.clock.now),
                    draft: try Draft(room: room, clientID: "\(index)", body: "\(index)", attachments: ids),
                    author: alice.user.id,
                    createdAt: test.clock.now
                )
            }
            let stored = try await test.database.write { transaction in
                try MessageBatch(drafts).run(in: transaction).map { outcome -> Bool in
                    guard case .decided(let result) = outcome else { return false }
                    if case .failure(let error) = result { #expect((error as? ChatError)?.field == "attachments") }
                    return (try? result.get()) != nil
                }
            }
            #expect(stored == [false, false, false, false, false, true, true, false])
            // What the refused message would have carried still waits.
            try await test.say("", in: room, with: [own], by: alice)
        }
    }

    @Test("a retry of a send finds its row, images and all; with other images it is refused")
    func retry() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let image = try await test.upload(to: room, by: alice).id
            let other = try await test.upload(to: room, by: alice).id
            let first = try await test.say("", in: room, id: "key", with: [image], by: alice)
            let again = try await test.say("", in: room, id: "key", with: [image], by: alice)
            #expect(again.duplicate && again.message == first.message)
            await #expect(throws: ChatError.idempotencyMismatch) {
                try await test.say("", in: room, id: "key", with: [other], by: alice)
            }
            _ = try await test.chat.delete(first.message.seq, in: room, by: alice)
            let late = try await test.say("", in: room, id: "key", with: [image], by: alice)
            #expect(late.duplicate && late.message.deletedAt != nil && late.message.attachments == [])
        }
    }

    @Test("a retry of an upload is the same image, also after it was sent; another image under its key is refused")
    func uploadAgain() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let first = try await test.upload(id: "key", to: room, by: alice)
            #expect(try await test.upload(id: "key", to: room, by: alice) == first)
            try await test.say("", in: room, with: [first.id], by: alice)
            #expect(try await test.upload(id: "key", to: room, by: alice) == first)
            for other in [TestImage.gif(width: 1, height: 1), TestImage.png(width: 2, height: 3)] {
                await #expect(throws: ChatError.idempotencyMismatch) {
                    try await test.upload(other, id: "key", to: room, by: alice)
                }
            }
        }
    }

    @Test("uploading is for those who may speak in the room")
    func speaking() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let stranger = try await test.person("eve")
            await #expect(throws: ChatError.notFound) { try await test.upload(to: room, by: stranger) }
            let until = test.clock.now + 60
            _ = try await test.chat.mute(bob.user.id, in: room, until: until, by: .person(alice))
            await #expect(throws: ChatError.forbidden) { try await test.upload(to: room, by: bob) }
            try await test.archive(room)
            await #expect(throws: ChatError.archived) { try await test.upload(to: room, by: alice) }
        }
    }

    @Test("an image is shown to who may read its message; before that to its author alone")
    func reading() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let stranger = try await test.person("eve")
            let image = try await test.upload(to: room, by: alice)
            #expect(try await test.chat.attachment(image.id, by: alice) == image)
            await #expect(throws: ChatError.notFound) { try await test.chat.attachment(image.id, by: bob) }
            let sent = try await test.say("", in: room, with: [image.id], by: alice).message
            #expect(try await test.chat.attachment(image.id, by: bob) == image)
            await #expect(throws: ChatError.notFound) { try await test.chat.attachment(image.id, by: stranger) }
            _ = try await test.chat.leave(room, by: bob)
            await #expect(throws: ChatError.notFound) { try await test.chat.attachment(image.id, by: bob) }
            _ = try await test.chat.delete(sent.seq, in: room, by: alice)
            await #expect(throws: ChatError.notFound) { try await test.chat.attachment(image.id, by: alice) }
        }
    }

    @Test("the bytes come back in slices as they were")
    func slices() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let bytes = TestImage.png + (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
            let image = try await test.upload(bytes, to: room, by: alice)
            var read: [UInt8] = []
            while read.count < image.bytes {
                read += try await test.chat.content(of: image, from: read.count, count: 999)
            }
            #expect(read == bytes)
            #expect(try await test.chat.content(of: image, from: image.bytes, count: 999) == [])
        }
    }

    @Test("an edit keeps the images, a deletion takes their bytes with it")
    func deletion() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            func stored() async throws -> Int64 {
                try await test.database.read("SELECT count(*) FROM attachments") { try $0.read() }[0]
            }
            var sent: [Message] = []
            for _ in 0..<3 {
                let image = try await test.upload(to: room, by: bob).id
                sent.append(try await test.say("look", in: room, with: [image], by: bob).message)
            }
            let reply = try await test.chat.send(
                Draft(room: room, clientID: "r", body: "nice", replyTo: sent[0].seq),
                by: alice
            ).message
            #expect(reply.reply?.attachments == 1)
            let deleted = try await test.chat.delete(sent[0].seq, in: room, by: bob).message
            #expect(deleted.attachments == [] && deleted.body == "")
            #expect(try await test.chat.message(reply.seq, in: room, by: alice).reply?.attachments == 0)
            #expect(try await stored() == 2)
            let administration = test.database.administration
            _ = try await administration.deleteMessage(sent[1].seq, in: room, by: .owner, at: test.clock.now)
            #expect(try await stored() == 1)
            _ = try await administration.purge(bob.user, in: room, after: 0, by: .owner, at: test.clock.now)
            #expect(try await stored() == 0)
            _ = try await test.say("", in: room, with: [try await test.upload(to: room, by: bob).id], by: bob)
            let gone = try await test.chat.room(room, by: alice).room
            try await administration.deleteRoom(gone, by: .owner, at: test.clock.now)
            #expect(try await stored() == 0)
        }
    }

    @Test("what nobody sent is removed after a day, what was sent stays")
    func cleaning() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let sent = try await test.upload(to: room, by: alice).id
            try await test.say("", in: room, with: [sent], by: alice)
            let forgotten = try await test.upload(to: room, by: alice).id
            #expect(try await test.chat.removeUnsentAttachments() == 0)
            test.clock.advance(seconds: Chat.unsentSecondsMax - 1)
            let fresh = try await test.upload(to: room, by: alice).id
            test.clock.advance(seconds: 2)
            #expect(try await test.chat.removeUnsentAttachments() == 1)
            _ = try await test.chat.attachment(sent, by: alice)
            _ = try await test.chat.attachment(fresh, by: alice)
            await #expect(throws: ChatError.notFound) { try await test.chat.attachment(forgotten, by: alice) }
            await #expect { try await test.say("", in: room, with: [forgotten], by: alice) } throws: {
                ($0 as? ChatError)?.field == "attachments"
            }
        }
    }

    @Test("what one person has waiting is bounded; sending it makes room")
    func quota() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            func insert(_ identity: Identity, _ key: String) async throws -> Domain.Attachment {
                let upload = try Upload(
                    id: .new(at: test.clock.now),
                    room: room,
                    clientID: key,
                    name: "",
                    content: TestImage.png,
                    bytesMax: 100,
                    createdAt: test.clock.now
                )
                let most = TestImage.png.count * 2
                return try await test.database.attachments
                    .insert(upload, by: identity, unsentBytesMax: most).attachment
            }
            let first = try await insert(alice, "1")
            _ = try await insert(alice, "2")
            await #expect { try await insert(alice, "3") } throws: { ($0 as? ChatError)?.code == "conflict" }
            #expect(try await insert(alice, "1") == first)
            _ = try await insert(bob, "3")
            try await test.say("", in: room, with: [first.id], by: alice)
            _ = try await insert(alice, "3")
        }
    }

    @Test("a message takes ten images and names none twice; an image has its size")
    func limits() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let ids = (0..<11).map { _ in AttachmentID.new(at: test.clock.now) }
            #expect { try Draft(room: room, clientID: "a", body: "", attachments: ids) } throws: {
                ($0 as? ChatError)?.code == "too_large" && ($0 as? ChatError)?.field == "attachments"
            }
            #expect { try Draft(room: room, clientID: "a", body: "", attachments: [ids[0], ids[0]]) } throws: {
                ($0 as? ChatError)?.code == "invalid" && ($0 as? ChatError)?.field == "attachments"
            }
            let large = TestImage.png + [UInt8](repeating: 0, count: ChatPolicy.attachmentBytesMaxDefault)
            await #expect { try await test.upload(large, to: room, by: alice) } throws: {
                ($0 as? ChatError)?.code == "too_large"
            }
        }
    }

    @Test("messages without images ask nothing about images")
    func untouched() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let draft = try Draft(room: room, clientID: "a", body: "text")
            let message = NewMessage(
                id: .new(at: test.clock.now),
                draft: draft,
                author: alice.user.id,
                createdAt: test.clock.now
            )
            #expect(MessageBatch([message]).findAttachments()?.text == nil)
            // Not even the table has to be there.
            try await test.execute("ALTER TABLE attachments RENAME TO away")
            try await test.say("text", in: room, by: alice)
        }
    }
}
