import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Rooms")
struct RoomTests {
    @Test("who makes a room owns it; others browse it and see nothing of it until they join")
    func create() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let made = try await test.chat.createRoom(name: "#Dev", topic: "  All of it ", by: .person(alice)).summary
            #expect(made.room.name == "dev")
            #expect(made.room.topic == "All of it")
            #expect(made.role == .owner)
            #expect(made.room.lastSeq == 1)
            #expect(made.readSeq == 1)
            #expect(made.unread == 0)

            let browsed = try await test.chat.rooms(by: .person(bob))
            #expect(browsed.map(\.id) == [made.id])
            #expect(!browsed[0].joined)
            await #expect(throws: ChatError.notFound) { try await test.chat.messages(in: made.id, by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.chat.members(of: made.id, by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.chat.changes(in: made.id, since: 0, by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.chat.markRead(made.id, upTo: 1, by: bob) }
            #expect(try await test.chat.room(made.id, by: bob).role == nil)
            await #expect(throws: ChatError.conflict(field: "name", message: "A room with this name exists.")) {
                try await test.chat.createRoom(name: "DEV", by: .person(bob))
            }
            let byOwner = try await test.chat.createRoom(name: "ops", by: .owner).summary
            #expect(byOwner.role == nil)
            #expect(byOwner.room.lastSeq == 1)
            #expect(try await test.chat.rooms(by: .owner).map(\.room.name) == ["dev", "ops"])
        }
    }

    @Test("joins and leaves are entries of the sequence that make nothing unread")
    func joinAndLeave() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice)
            try await test.say("before", in: room, by: alice)
            let joined = try await test.chat.join(room, by: bob)
            #expect(joined.message?.kind == .joined)
            #expect(joined.message?.seq == 3)
            #expect(joined.message?.n == nil)
            #expect(joined.message?.author == bob.user.id)
            #expect(joined.summary.joined)
            #expect(joined.summary.unread == 0)
            #expect(joined.summary.readSeq == 3)
            #expect(try await test.chat.join(room, by: bob).message == nil)
            #expect(try await test.chat.room(room, by: alice).unread == 0)
            #expect(try await test.chat.members(of: room, by: bob).map(\.role) == [.owner, .member])

            let left = try await test.chat.leave(room, by: bob)
            #expect(left?.kind == .left)
            #expect(left?.seq == 4)
            #expect(try await test.chat.leave(room, by: bob) == nil)
            await #expect(throws: ChatError.notFound) { try await test.chat.messages(in: room, by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.chat.join(.new(at: Date()), by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.chat.leave(.new(at: Date()), by: bob) }
        }
    }

    @Test("many joins of one person at once are one join")
    func joinOnce() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice)
            let entries = try await withThrowingTaskGroup(of: Message?.self) { group in
                for _ in 0..<10 { group.addTask { try await test.chat.join(room, by: bob).message } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(entries.compactMap(\.self).count == 1)
            #expect(try await test.chat.room(room, by: bob).room.lastSeq == 2)
        }
    }

    @Test("an archived room is not browsed and not joined")
    func archived() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice)
            try await test.archive(room)
            #expect(try await test.chat.rooms(by: .person(bob)).isEmpty)
            #expect(try await test.chat.rooms(by: .person(alice)).map(\.id) == [room])
            await #expect(throws: ChatError.archived) { try await test.chat.join(room, by: bob) }
        }
    }

    @Test("the reading position only moves forward, and never beyond the end")
    func markRead() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice, bob)
            for number in 1...5 { try await test.say("m\(number)", in: room, by: alice) }
            #expect(try await test.chat.room(room, by: bob).unread == 5)
            #expect(try await test.chat.room(room, by: alice).unread == 0)
            #expect(try await test.chat.markRead(room, upTo: 4, by: bob).unread == 3)
            #expect(try await test.chat.markRead(room, upTo: 3, by: bob).unread == 3)
            let end = try await test.chat.markRead(room, upTo: .max, by: bob)
            #expect(end.readSeq == 7)
            #expect(end.unread == 0)
            try await test.say("m6", in: room, by: alice)
            #expect(try await test.chat.room(room, by: bob).unread == 1)
            #expect(try await test.chat.markRead(room, upTo: -5, by: bob).readSeq == 7)
        }
    }
}

@Suite("Direct rooms")
struct DirectRoomTests {
    @Test("the same people get the same room, also when they all open it at once from two instances")
    func sameRoom() async throws {
        try await TestChat.with { test in
            let people = [
                try await test.person("alice"), try await test.person("bob"), try await test.person("carol"),
            ]
            let ids = people.map(\.user.id)
            let other = Database(test.database.info, logger: TestChat.silence)
            let receipts = try await Database.withDatabase(other) { other in
                let chats = [test.chat, TestChat.chat(on: other, test.clock, test.passwords)]
                return try await withThrowingTaskGroup(of: DirectReceipt.self) { group in
                    for number in 0..<30 {
                        group.addTask {
                            try await chats[number % 2].openDirect(
                                with: number % 2 == 0 ? ids : ids.reversed(),
                                by: people[number % 3]
                            )
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(Set(receipts.map(\.summary.id)).count == 1)
            #expect(receipts.filter(\.created).count == 1)
            #expect(receipts.allSatisfy { $0.people == ids.sorted() && $0.summary.people == ids.sorted() })
            let pair = try await test.chat.openDirect(with: [ids[1]], by: people[0])
            #expect(pair.created)
            #expect(pair.summary.id != receipts[0].summary.id)
            #expect(pair.summary.room.name == nil)
        }
    }

    @Test("a direct room exists for its people only, and nobody leaves it")
    func privacy() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let eve = try await test.person("eve", role: .admin)
            let room = try await test.chat.openDirect(with: [bob.user.id], by: alice).summary.id
            try await test.say("secret", in: room, by: alice)
            #expect(try await test.chat.room(room, by: bob).unread == 1)
            #expect(try await test.chat.rooms(by: .person(eve)).isEmpty)
            #expect(try await test.chat.rooms(by: .owner).isEmpty)
            await #expect(throws: ChatError.notFound) { try await test.chat.messages(in: room, by: eve) }
            await #expect(throws: ChatError.notFound) { try await test.chat.join(room, by: eve) }
            await #expect(throws: ChatError.notFound) { try await test.chat.leave(room, by: eve) }
            await #expect(throws: ChatError.notFound) { try await test.say("hi", in: room, by: eve) }
            await #expect(throws: ChatError.forbidden) { try await test.chat.leave(room, by: bob) }
        }
    }

    @Test("nobody else, too many and unknown people are refused")
    func refused() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            for people in [[], [alice.user.id], (0..<8).map { _ in UserID.new(at: Date()) }] {
                await #expect {
                    try await test.chat.openDirect(with: people, by: alice)
                } throws: {
                    ($0 as? ChatError)?.field == "users"
                }
            }
            await #expect(throws: ChatError.notFound) {
                try await test.chat.openDirect(with: [.new(at: Date())], by: alice)
            }
        }
    }
}
