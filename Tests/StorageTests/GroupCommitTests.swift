import Domain
import Foundation
import Testing

@testable import Storage

@Suite("The group commit")
struct GroupCommitTests {
    @Test("bad messages of a batch are refused one by one, and their neighbours are stored in order")
    func badNeighbours() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let old = try await test.room("old", alice)
            try await test.archive(old)
            try await test.say("first", in: room, id: "taken", by: alice)
            // A cause that nothing in the program foresees.
            try await test.execute("ALTER TABLE messages ADD CONSTRAINT poison CHECK (body <> 'poison')")

            let drafts: [(RoomID, String, String)] =
                [(room, "taken", "other"), (old, "x", "m"), (.new(at: Date()), "y", "m"), (room, "taken", "first")]
                + (0..<20).map { (room, "g\($0)", $0 == 7 ? "poison" : "good \($0)") }
            let outcomes = try await test.sendInOneBatch(drafts, by: alice)

            #expect(outcomes[0].chatError == .idempotencyMismatch)
            #expect(outcomes[1].chatError == .archived)
            #expect(outcomes[2].chatError == .notFound)
            #expect(try outcomes[3].get().duplicate)
            let good = outcomes[4...]
            for (index, outcome) in good.enumerated() {
                if index == 7 {
                    #expect((outcome.error as? StorageError)?.sqlState == "23514")
                } else {
                    #expect(try outcome.get().message.body == "good \(index)")
                }
            }
            let page = try await test.chat.messages(in: room, limit: 100, by: alice)
            #expect(page.messages.map(\.seq) == Array(1...21))
            #expect(page.messages.compactMap(\.n) == Array(1...20))
        }
    }

    @Test("messages that wait together become durable together")
    func oneTransaction() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let drafts = (0..<200).map { (room, "c\($0)", "m\($0)") }
            let outcomes = try await test.sendInOneBatch(drafts, by: alice)
            #expect(try outcomes.map { try $0.get().message.seq } == Array(2...201))
            let transactions = try await test.database.read(
                "SELECT count(DISTINCT xmin::text) FROM messages WHERE kind = 'text'"
            ) { try $0.read(Int64.self) }
            #expect(transactions == [1])
        }
    }

    @Test("a room that somebody else holds does not hold up the others")
    func heldRoom() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let held = try await test.room("held", alice)
            let free = try await test.room("free", alice)
            let connection = try Connection.open(test.database.info, until: .after(.seconds(3)))
            let holder = Transaction(over: connection, until: .after(.seconds(10)))
            _ = try holder.run("SELECT id FROM rooms WHERE id = \(held) FOR UPDATE")

            async let waiting = test.say("late", in: held, by: alice)
            let passing = try await test.say("soon", in: free, by: alice)
            #expect(passing.message.seq == 2)
            try holder.rollBack()
            #expect(try await waiting.message.seq == 2)
        }
    }

    @Test("a sender that is cancelled harms nobody")
    func cancelled() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let tasks = (0..<100).map { number in
                Task { try await test.say("m", in: room, id: "c\(number)", by: alice) }
            }
            for task in tasks.enumerated() where task.offset % 3 == 0 { task.element.cancel() }
            for task in tasks { _ = try await task.value }
            #expect(try await test.chat.room(room, by: alice).room.messageCount == 100)
        }
    }

    @Test("names in a message call the members that they belong to, until they have read it")
    func mentions() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            _ = try await test.person("stranger")
            let room = try await test.room("dev", alice, bob)
            try await test.say("hi @bob and @stranger, @alice, @nobody", in: room, by: alice)
            let called = try await test.say("@Bob!", in: room, by: alice)
            let summary = try await test.chat.room(room, by: bob)
            #expect(summary.mentions == 2)
            #expect(summary.unread == 2)
            #expect(try await test.chat.room(room, by: alice).mentions == 0)
            let read = try await test.chat.markRead(room, upTo: called.message.seq, by: bob)
            #expect(read.mentions == 0)
            #expect(read.unread == 0)
        }
    }
}

extension TestChat {
    /// Sends from a second instance that is started once all messages wait, so that they are one batch.
    func sendInOneBatch(
        _ drafts: [(room: RoomID, id: String, body: String)],
        by identity: Identity
    ) async throws -> [Result<SendReceipt, any Error>] {
        let instance = Database(database.info, logger: Self.silence)
        let chat = Self.chat(on: instance, clock, passwords)
        var tasks: [Task<SendReceipt, any Error>] = []
        for (number, draft) in drafts.enumerated() {
            let draft = try Draft(room: draft.room, clientID: draft.id, body: draft.body)
            tasks.append(Task { try await chat.send(draft, by: identity) })
            while instance.messagesWaiting <= number { await Task.yield() }
        }
        let waiting = tasks
        return try await Database.withDatabase(instance) { _ in
            var outcomes: [Result<SendReceipt, any Error>] = []
            for task in waiting { outcomes.append(await task.result) }
            return outcomes
        }
    }
}

extension Result where Failure == any Error {
    var error: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }

    var chatError: ChatError? { error as? ChatError }
}
