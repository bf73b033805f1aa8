import Domain
import Foundation
import Testing

@testable import Storage

@Suite("The size of a sync")
struct SyncBoundTests {
    @Test("a client that was away while 50,000 messages came gets a reset of less than 200 kB")
    func longAway() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            try await test.fill(room, with: 50_000, bytes: 400, by: alice)
            let answer = try await test.chat.sync(have: [room: 1], active: room, by: alice)
            #expect(answer.changes.map(\.reset) == [true])
            #expect(answer.changes[0].to == 50_001)
            #expect(answer.changes[0].messages.map(\.seq) == Array(49_952...50_001))
        }
    }

    @Test("large messages and many rooms do not make the answer larger; the shown room comes first")
    func bounded() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            var have: [RoomID: Int64] = [:]
            var last: RoomID?
            for number in 0..<60 {
                let room = try await test.room("room-\(number)", alice)
                try await test.fill(room, with: 60, bytes: 4_000, by: alice)
                have[room] = number % 2 == 0 ? 1 : 41
                last = room
            }
            let answer = try await test.chat.sync(have: have, active: last, limit: 30, by: alice)
            let bytes = answer.changes.flatMap(\.messages).reduce(0) { $0 + $1.body.utf8.count }
            #expect(bytes < 75_000)
            #expect(bytes > 40_000)
            #expect(answer.changes.count == 60)
            #expect(answer.changes[0].room == last)
            #expect(!answer.changes[0].messages.isEmpty)
            #expect(answer.changes.allSatisfy { $0.to == 61 })
            // What was cut is a reset, so that no client believes it has what it lacks.
            for changes in answer.changes where changes.messages.isEmpty { #expect(changes.reset) }

            let one = try await test.chat.changes(in: last!, since: 1, limit: 500, by: alice)
            #expect(one.reset)
            #expect(one.messages.last?.seq == 61)
            #expect(one.messages.reduce(0) { $0 + $1.body.utf8.count } < 190_000)
        }
    }
}

extension TestChat {
    /// Messages that were there before; written past the use cases, because there are many.
    fileprivate func fill(_ room: RoomID, with count: Int, bytes: Int, by identity: Identity) async throws {
        let text = String(repeating: "x", count: bytes)
        for first in stride(from: 1, through: count, by: 5_000) {
            let last = min(first + 4_999, count)
            try await database.write { transaction in
                _ = try transaction.run(
                    """
                    INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
                    SELECT gen_random_uuid(), \(room), n + 1, n + 1, n, 'text', \(identity.user.id),
                           \(room.description) || n::text, \(text), now()
                      FROM generate_series(\(Int64(first)), \(Int64(last))) AS n
                    """,
                    "UPDATE rooms SET last_seq = \(Int64(last)) + 1, msg_count = \(Int64(last)) WHERE id = \(room)"
                )
            }
        }
    }
}
