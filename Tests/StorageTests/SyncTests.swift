import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Reading and catching up")
struct SyncTests {
    @Test("pages go both ways and say whether there is more")
    func pages() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            for number in 2...20 { try await test.say("m\(number)", in: room, by: alice) }
            func page(_ page: Page, _ limit: Int) async throws -> ([Int64], Bool, Bool) {
                let answer = try await test.chat.messages(in: room, page: page, limit: limit, by: alice)
                #expect(answer.lastSeq == 20)
                return (answer.messages.map(\.seq), answer.hasBefore, answer.hasAfter)
            }
            #expect(try await page(.latest, 5) == ([16, 17, 18, 19, 20], true, false))
            #expect(try await page(.latest, 20) == (Array(1...20), false, false))
            #expect(try await page(.before(16), 5) == ([11, 12, 13, 14, 15], true, true))
            #expect(try await page(.before(3), 5) == ([1, 2], false, true))
            #expect(try await page(.before(1), 5) == ([], false, true))
            #expect(try await page(.after(0), 3) == ([1, 2, 3], false, true))
            #expect(try await page(.after(18), 5) == ([19, 20], true, false))
            #expect(try await page(.after(.max), 5) == ([], true, false))
            #expect(try await page(.around(10), 4) == ([8, 9, 10, 11], true, true))
            #expect(try await page(.around(1), 1) == ([1], false, true))
            #expect(try await page(.latest, 0) == ([20], true, false))
        }
    }

    @Test("changes are what comes after a position; over the limit it is a reset to the latest 50")
    func changes() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            for number in 2...80 { try await test.say("m\(number)", in: room, by: alice) }
            let some = try await test.chat.changes(in: room, since: 70, limit: 10, by: alice)
            #expect(some.messages.map(\.changedSeq) == Array(71...80))
            #expect(some.from == 70)
            #expect(some.to == 80)
            #expect(!some.reset)
            let tooFar = try await test.chat.changes(in: room, since: 69, limit: 10, by: alice)
            #expect(tooFar.reset)
            #expect(tooFar.from == 69)
            #expect(tooFar.to == 80)
            #expect(tooFar.messages.map(\.seq) == Array(31...80))
            let none = try await test.chat.changes(in: room, since: 80, by: alice)
            #expect(none == RoomChanges(room: room, from: 80, to: 80, messages: [], reset: false))
            // A position ahead of the room comes from another life of the database.
            #expect(try await test.chat.changes(in: room, since: 81, by: alice).reset)
        }
    }

    @Test("a row that changed again is sent once, as it is now, under its new number")
    func changedRows() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            for number in 2...4 { try await test.say("m\(number)", in: room, by: alice) }
            try await test.execute(
                """
                UPDATE messages SET body = 'new', changed_seq = 5 WHERE seq = 2;
                UPDATE rooms SET last_seq = 5
                """
            )
            let changes = try await test.chat.changes(in: room, since: 3, by: alice)
            #expect(changes.messages.map(\.seq) == [4, 2])
            #expect(changes.messages.map(\.changedSeq) == [4, 5])
            #expect(changes.messages.last?.body == "new")
            #expect(changes.to == 5)
        }
    }

    @Test("a sync tells the rooms, what is missing in the known ones, and the latest of the active one")
    func sync() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let behind = try await test.room("behind", alice, bob)
            let current = try await test.room("current", alice, bob)
            let unknown = try await test.room("unknown", alice, bob)
            let active = try await test.room("active", alice, bob)
            let hidden = try await test.room("hidden", bob)
            for room in [behind, current, unknown, active, hidden] { try await test.say("m", in: room, by: bob) }
            let direct = try await test.chat.openDirect(with: [alice.user.id], by: bob).summary.id

            let answer = try await test.chat.sync(
                have: [behind: 1, current: 3, hidden: 0, .new(at: Date()): 4],
                active: active,
                by: alice
            )
            #expect(Set(answer.rooms.map(\.id)) == [behind, current, unknown, active, hidden, direct])
            #expect(answer.rooms.first { $0.id == hidden }?.joined == false)
            #expect(answer.rooms.first { $0.id == direct }?.people == [alice.user.id, bob.user.id].sorted())
            #expect(answer.rooms.first { $0.id == behind }?.unread == 1)
            #expect(answer.me == alice.user)
            #expect(Set(answer.people.map(\.name)) == ["alice", "bob"])

            #expect(Set(answer.changes.map(\.room)) == [behind, active])
            let missing = try #require(answer.changes.first { $0.room == behind })
            #expect(missing.messages.map(\.seq) == [2, 3])
            #expect(!missing.reset)
            let shown = try #require(answer.changes.first { $0.room == active })
            #expect(shown.reset)
            #expect(shown.messages.map(\.seq) == [1, 2, 3])

            let foreign = try await test.chat.sync(have: [:], active: hidden, by: alice)
            #expect(foreign.changes.isEmpty)
        }
    }

    @Test("the sweep reads the last numbers of rooms and what is behind them")
    func sweep() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let quiet = try await test.room("quiet", alice)
            let sent = try await test.say("m", in: room, by: alice)
            let latest = try await test.database.messages.latestSequences(of: [room, quiet, .new(at: Date())])
            #expect(latest == [room: 2, quiet: 1])
            #expect(try await test.database.messages.latestSequences(of: []) == [:])
            #expect(try await test.database.messages.changed(in: room, after: 1, limit: 10).messages == [sent.message])
            #expect(try await test.database.messages.changed(in: quiet, after: 1, limit: 10).to == 1)
        }
    }
}
