import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Sending a message")
struct SendTests {
    @Test("a message takes the next number of its room and comes back as it is stored")
    func numbers() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let first = try await test.say("hello 'quoted' \\ and 🎈", in: room, id: "a", by: alice)
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

    @Test("two writers on two instances leave no gap and no duplicate in one room, and readers never see k+1 before k")
    func twoWriters() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice, bob)
            let other = Database(test.database.info, logger: TestChat.silence)
            try await Database.withDatabase(other) { other in
                let chats = [test.chat, TestChat.chat(on: other, test.clock, test.passwords)]
                try await withThrowingTaskGroup { group in
                    // 16 senders at a time on each instance, 1,000 messages from each instance.
                    for writer in 0..<32 {
                        group.addTask {
                            for number in 0..<63 where writer + number * 32 < 2_000 {
                                let draft = try Draft(room: room, clientID: "\(writer)-\(number)", body: "m")
                                _ = try await chats[writer % 2].send(draft, by: writer % 2 == 0 ? alice : bob)
                            }
                        }
                    }
                    group.addTask {
                        var seen: Int64 = 0
                        while seen < 2_002 {
                            let tail = try await test.database.messages.changed(in: room, after: seen, limit: 500)
                            for row in tail.messages {
                                #expect(row.seq == seen + 1)
                                seen = row.seq
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let stored = try await test.database.messages.changed(in: room, after: 0, limit: 5_000).messages
            #expect(stored.map(\.seq) == Array(1...2_002))
            #expect(stored.compactMap(\.n) == Array(1...2_000))
            let summary = try await test.chat.room(room, by: alice)
            #expect(summary.room.lastSeq == 2_002)
            #expect(summary.room.messageCount == 2_000)
        }
    }

    @Test("the same client id from many tasks on two instances lands once, and everybody hears of the same row")
    func idempotent() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let other = Database(test.database.info, logger: TestChat.silence)
            let receipts = try await Database.withDatabase(other) { other in
                let chats = [test.chat, TestChat.chat(on: other, test.clock, test.passwords)]
                return try await withThrowingTaskGroup(of: SendReceipt.self) { group in
                    for number in 0..<60 {
                        group.addTask {
                            try await chats[number % 2].send(
                                Draft(room: room, clientID: "same", body: "once"),
                                by: alice
                            )
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
            }
            #expect(Set(receipts.map(\.message)).count == 1)
            #expect(receipts.filter { !$0.duplicate }.count == 1)
            #expect(try await test.chat.messages(in: room, by: alice).lastSeq == 2)
        }
    }

    @Test("the same client id with another text or another room is refused and changes nothing")
    func mismatch() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let second = try await test.room("ops", alice)
            try await test.say("one", in: room, id: "a", by: alice)
            await #expect(throws: ChatError.idempotencyMismatch) {
                try await test.say("two", in: room, id: "a", by: alice)
            }
            await #expect(throws: ChatError.idempotencyMismatch) {
                try await test.say("one", in: second, id: "a", by: alice)
            }
            let bob = try await test.person("bob")
            _ = try await test.chat.join(room, by: bob)
            let same = try await test.say("one", in: room, id: "a", by: bob)
            #expect(!same.duplicate)
            #expect(try await test.chat.room(second, by: alice).room.lastSeq == 1)
        }
    }

    @Test("the same client id into different rooms on two instances at once: one wins, the others are refused")
    func mismatchAcrossInstances() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let rooms = [try await test.room("dev", alice), try await test.room("ops", alice)]
            let other = Database(test.database.info, logger: TestChat.silence)
            try await Database.withDatabase(other) { other in
                let chats = [test.chat, TestChat.chat(on: other, test.clock, test.passwords)]
                for round in 0..<20 {
                    let outcomes = await withTaskGroup(of: Result<SendReceipt, any Error>.self) { group in
                        for side in 0...1 {
                            group.addTask {
                                do {
                                    let draft = try Draft(room: rooms[side], clientID: "r\(round)", body: "m")
                                    return .success(try await chats[side].send(draft, by: alice))
                                } catch {
                                    return .failure(error)
                                }
                            }
                        }
                        return await group.reduce(into: []) { $0.append($1) }
                    }
                    let errors = outcomes.compactMap { outcome -> ChatError? in
                        if case .failure(let error) = outcome { error as? ChatError } else { nil }
                    }
                    #expect(errors == [.idempotencyMismatch])
                }
            }
            let counts = try await test.chat.rooms(by: .person(alice)).map(\.room.messageCount)
            #expect(counts.reduce(0, +) == 20)
        }
    }

    @Test("a retry after leaving, or after the room was archived, still answers with the first row")
    func lateRetry() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let first = try await test.say("one", in: room, id: "a", by: alice)
            _ = try await test.chat.leave(room, by: alice)
            try await test.archive(room)
            let again = try await test.say("one", in: room, id: "a", by: alice)
            #expect(again == SendReceipt(message: first.message, duplicate: true))
        }
    }

    @Test("a room that is archived, unknown or not joined takes no message")
    func refused() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice)
            await #expect(throws: ChatError.notFound) { try await test.say("m", in: room, by: bob) }
            await #expect(throws: ChatError.notFound) { try await test.say("m", in: .new(at: Date()), by: bob) }
            try await test.archive(room)
            await #expect(throws: ChatError.archived) { try await test.say("m", in: room, by: alice) }
            await #expect(throws: ChatError.notFound) { try await test.say("m", in: room, by: bob) }
            #expect(try await test.chat.room(room, by: alice).room.lastSeq == 1)
        }
    }
}
