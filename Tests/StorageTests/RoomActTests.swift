import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Acts on rooms")
struct RoomActTests {
    @Test("a private room is made with its members and exists for them only")
    func privateRoom() async throws {
        try await TestChat.with { test in
            let (alice, bob, eve) = (
                try await test.person("alice"), try await test.person("bob"), try await test.person("eve")
            )
            let made = try await test.chat.createRoom(
                name: "board",
                kind: .private,
                members: [bob.user.id, alice.user.id, bob.user.id],
                by: .person(alice)
            )
            #expect(made.entries.map(\.kind) == [.created, .added])
            #expect(made.entries.last?.target == bob.user.id)
            #expect(made.entries.last?.author == alice.user.id)
            #expect(made.summary.room.lastSeq == 2)
            let room = made.summary.id
            #expect(try await test.chat.rooms(by: .person(bob)).map(\.id) == [room])
            #expect(try await test.chat.rooms(by: .person(eve)).isEmpty)
            await #expect(throws: ChatError.notFound) { try await test.chat.join(room, by: eve) }
            await #expect(throws: ChatError.notFound) {
                try await test.chat.invite([eve.user.id], to: room, by: .person(eve))
            }
            let invited = try await test.chat.invite([eve.user.id, bob.user.id], to: room, by: .person(bob))
            #expect(invited.entries.map(\.target) == [eve.user.id])
            #expect(try await test.chat.room(room, by: eve).unread == 0)
            await #expect(throws: ChatError.notFound) {
                try await test.chat.invite([.new(at: Date())], to: room, by: .person(bob))
            }
        }
    }

    @Test("a new name and topic are entries; the same again is nothing")
    func update() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            _ = try await test.room("taken", alice)
            let receipt = try await test.chat.updateRoom(room, name: "#New", topic: "What", by: .person(alice))
            #expect(receipt.entries.map(\.kind) == [.renamed, .topic])
            #expect(receipt.entries.map(\.detail) == ["new", "What"])
            #expect(receipt.summary.room.name == "new")
            #expect(try await test.chat.updateRoom(room, name: "new", by: .person(alice)).entries.isEmpty)
            #expect(try await test.chat.room(room, by: bob).unread == 0)
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.updateRoom(room, topic: "Mine", by: .person(bob))
            }
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.updateRoom(room, isDefault: true, by: .person(alice))
            }
            await #expect { try await test.chat.updateRoom(room, name: "taken", by: .person(alice)) } throws: {
                ($0 as? ChatError)?.field == "name"
            }
            let made = try await test.chat.updateRoom(room, isDefault: true, by: .owner)
            #expect(made.summary.room.isDefault)
            let carol = try await test.person("carol")
            #expect(try await test.chat.room(room, by: carol).joined)
        }
    }

    @Test("an archived room takes no writes until it is restored")
    func archive() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let seq = try await test.say("hi", in: room, by: alice).message.seq
            #expect(try await test.chat.archive(room, by: .person(alice)).entries.map(\.kind) == [.archived])
            #expect(try await test.chat.archive(room, by: .person(alice)).entries.isEmpty)
            await #expect(throws: ChatError.archived) { try await test.say("more", in: room, by: alice) }
            await #expect(throws: ChatError.archived) {
                try await test.chat.edit(seq, in: room, body: "x", by: alice)
            }
            await #expect(throws: ChatError.archived) {
                try await test.chat.react(to: seq, in: room, with: "👍", adding: true, by: alice)
            }
            #expect(try await test.chat.restore(room, by: .owner).entries.map(\.kind) == [.restored])
            try await test.say("more", in: room, by: alice)
        }
    }

    @Test("a removed member reads nothing any more, and the removal stands in the audit log")
    func kick() async throws {
        try await TestChat.with { test in
            let (alice, bob, carol) = (
                try await test.person("alice"), try await test.person("bob"), try await test.person("carol")
            )
            let room = try await test.room("dev", alice, bob, carol)
            let seq = try await test.say("before", in: room, by: alice).message.seq
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.kick(carol.user.id, from: room, by: .person(bob))
            }
            let entry = try await test.chat.kick(bob.user.id, from: room, reason: "spam", by: .person(alice))
            #expect(entry.kind == .removed)
            #expect(entry.target == bob.user.id)
            #expect(entry.detail == "spam")
            for read in [
                { _ = try await test.chat.messages(in: room, by: bob) },
                { _ = try await test.chat.message(seq, in: room, by: bob) },
                { _ = try await test.chat.changes(in: room, since: 0, by: bob) },
                { _ = try await test.chat.markRead(room, upTo: 1, by: bob) },
                { _ = try await test.chat.previewRead(room, upTo: 1, by: bob) },
                { _ = try await test.say("still here", in: room, by: bob) },
                { _ = try await test.chat.edit(seq, in: room, body: "x", by: bob) },
                { _ = try await test.chat.react(to: seq, in: room, with: "👍", adding: true, by: bob) },
            ] as [@Sendable () async throws -> Void] {
                await #expect(throws: ChatError.notFound) { try await read() }
            }
            #expect(try await test.chat.search("before", by: bob).results.isEmpty)
            #expect(try await test.chat.sync(have: [room: 1], active: room, by: bob).changes.isEmpty)
            await #expect(throws: ChatError.notFound) {
                try await test.chat.kick(bob.user.id, from: room, by: .person(alice))
            }
            let audited = try await test.database.read(
                "SELECT subject_name FROM audit WHERE action = 'room.kick'"
            ) { try $0.read(String.self) }
            #expect(audited == ["bob"])
        }
    }

    @Test("a room with members keeps an owner")
    func lastOwner() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let admin = try await test.person("root", role: .admin)
            let room = try await test.room("dev", alice, bob, admin)
            let isConflict = { @Sendable (error: any Error) in (error as? ChatError)?.field == "role" }
            await #expect { try await test.chat.leave(room, by: alice) } throws: { isConflict($0) }
            await #expect {
                try await test.chat.setRole(.member, of: alice.user.id, in: room, by: .person(alice))
            } throws: {
                isConflict($0)
            }
            await #expect { try await test.chat.kick(alice.user.id, from: room, by: .person(admin)) } throws: {
                isConflict($0)
            }
            let receipt = try await test.chat.setRole(.owner, of: bob.user.id, in: room, by: .person(alice))
            #expect(receipt.message?.kind == .role)
            #expect(receipt.message?.detail == "owner")
            #expect(try await test.chat.setRole(.owner, of: bob.user.id, in: room, by: .person(alice)).message == nil)
            _ = try await test.chat.leave(room, by: alice)
            let lonely = try await test.room("lonely", alice)
            #expect(try await test.chat.leave(lonely, by: alice)?.kind == .left)
        }
    }

    @Test("a muted member writes nothing until the time is over, also after leaving and coming back")
    func mute() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            let seq = try await test.say("mine", in: room, by: bob).message.seq
            let until = test.clock.now.addingTimeInterval(60)
            _ = try await test.chat.mute(bob.user.id, in: room, until: until, by: .person(alice))
            #expect(try await test.chat.room(room, by: bob).mutedUntil == until)
            await #expect(throws: ChatError.forbidden) { try await test.say("no", in: room, by: bob) }
            await #expect(throws: ChatError.forbidden) { try await test.chat.edit(seq, in: room, body: "no", by: bob) }
            _ = try await test.chat.leave(room, by: bob)
            _ = try await test.chat.join(room, by: bob)
            await #expect(throws: ChatError.forbidden) { try await test.say("no", in: room, by: bob) }
            test.clock.advance(seconds: 61)
            try await test.say("yes", in: room, by: bob)
            _ = try await test.chat.mute(
                bob.user.id,
                in: room,
                until: test.clock.now.addingTimeInterval(60),
                by: .person(alice)
            )
            _ = try await test.chat.mute(bob.user.id, in: room, until: nil, by: .person(alice))
            try await test.say("yes again", in: room, by: bob)
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.mute(alice.user.id, in: room, until: nil, by: .person(bob))
            }
        }
    }

    @Test("marking as unread is the only way back, and what it answers is exact")
    func unread() async throws {
        try await TestChat.with { test in
            let (alice, bob) = (try await test.person("alice"), try await test.person("bob"))
            let room = try await test.room("dev", alice, bob)
            for _ in 0..<5 { try await test.say("hi @bob", in: room, by: alice) }
            let preview = try await test.chat.previewRead(room, upTo: 5, by: bob)
            #expect(preview.unread == 2)
            #expect(preview.mentions == 2)
            #expect(preview.readSeq == 5)
            #expect(try await test.chat.room(room, by: bob).unread == 5)
            #expect(try await test.chat.markRead(room, upTo: 7, by: bob).unread == 0)
            #expect(try await test.chat.previewRead(room, upTo: 5, by: bob).unread == 0)
            let back = try await test.chat.markUnread(room, from: 6, by: bob)
            #expect(back.unread == 2)
            #expect(back.mentions == 2)
            #expect(back.readSeq == 5)
            #expect(try await test.chat.markUnread(room, from: 7, by: bob).unread == 2)
            #expect(try await test.chat.markUnread(room, from: 0, by: bob).unread == 5)
        }
    }

    @Test("each member chooses of what they are told")
    func notifyLevel() async throws {
        try await TestChat.with { test in
            let (alice, eve) = (try await test.person("alice"), try await test.person("eve"))
            let room = try await test.room("dev", alice)
            #expect(try await test.chat.room(room, by: alice).notifyLevel == .all)
            #expect(try await test.chat.setNotifyLevel(.nothing, in: room, by: alice).notifyLevel == .nothing)
            await #expect(throws: ChatError.notFound) { try await test.chat.setNotifyLevel(.all, in: room, by: eve) }
        }
    }
}
