import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Webhooks")
struct WebhookTests {
    private static let url = "https://hooks.example/in"

    @Test("a webhook is told of what happens after it was made, room by room, in the order of the numbers")
    func queue() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let (first, second) = (try await test.room("first", alice), try await test.room("second", alice))
            try await test.say("before", in: first, by: alice)
            let made = try await test.webhook("ci", [first, second])
            #expect(try await test.queue.watch(at: test.clock.now).isDue == false)
            for text in ["one", "two", "three"] { try await test.say(text, in: first, by: alice) }
            try await test.say("other", in: second, by: alice)
            let watch = WebhookWatch(rooms: [first, second], isDue: true)
            #expect(try await test.queue.watch(at: test.clock.now) == watch)

            let claim = try #require(try await test.claim().first)
            #expect(claim.target.url == Self.url && claim.target.secret == made.secret)
            let batch = try #require(try await test.queue.next(of: made.webhook.id, after: nil, limit: 2))
            let rooms = [first, second].sorted()
            #expect(batch.room.id == rooms[0])
            #expect(batch.people.map(\.name) == ["alice"])
            let other = try #require(try await test.queue.next(of: made.webhook.id, after: batch.room.id, limit: 2))
            #expect(other.room.id == rooms[1], "the rooms take turns")
            var told: [String] = []
            while let batch = try await test.queue.next(of: made.webhook.id, after: second, limit: 2) {
                told += batch.messages.map(\.body)
                #expect(batch.messages.count <= 2)
                #expect(try await test.take(claim, batch))
            }
            #expect(told.filter { $0 != "other" } == ["one", "two", "three"] && told.contains("other"))
            #expect(try await test.chat.webhooks(by: .owner)[0].status == 204)
        }
    }

    @Test("several changes of one message are told once, as it is now")
    func collapsed() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let made = try await test.webhook("ci", [room])
            let said = try await test.say("draft", in: room, by: alice).message
            let last = try await test.chat.edit(said.seq, in: room, body: "final", by: alice).message
            let batch = try #require(try await test.queue.next(of: made.webhook.id, after: nil, limit: 10))
            #expect(batch.messages.map(\.body) == ["final"] && batch.to == last.changedSeq)
        }
    }

    @Test("nobody else gets a webhook until it is given back or its lease ends, and then its place does not jump")
    func lease() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let made = try await test.webhook("ci", [room])
            try await test.say("hello", in: room, by: alice)
            let dying = try #require(try await test.claim().first)
            #expect(try await test.claim().isEmpty)
            #expect(try await test.queue.watch(at: test.clock.now).isDue == false)
            test.clock.advance(seconds: 20)
            #expect(try await test.queue.watch(at: test.clock.now).isDue)
            let heir = try #require(try await test.claim().first)
            let batch = try #require(try await test.queue.next(of: made.webhook.id, after: nil, limit: 10))
            #expect(try await test.take(dying, batch) == false)
            #expect(try await test.queue.next(of: made.webhook.id, after: nil, limit: 10) != nil)
            #expect(try await test.take(heir, batch))
            try await test.say("more", in: room, by: alice)
            try await test.queue.release(heir)
            #expect(try await test.claim().count == 1)
        }
    }

    @Test("many instances that look at once never get the same webhook")
    func race() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            for number in 0..<20 { _ = try await test.webhook("w\(number)", [room]) }
            try await test.say("hello", in: room, by: alice)
            let other = Database(test.database.info, logger: TestChat.silence)
            try await Database.withDatabase(other) { other in
                let tables = [test.database.webhooks, other.webhooks]
                let (end, now) = (test.clock.now.addingTimeInterval(20), test.clock.now)
                let claims = try await withThrowingTaskGroup(of: [WebhookClaim].self) { group in
                    for number in 0..<20 {
                        let table = tables[number % 2]
                        group.addTask { try await table.claim(atMost: 3, until: end, at: now) }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(Set(claims.map(\.target.id)).count == claims.count && claims.count == 20)
            }
        }
    }

    @Test("one that failed waits, one that is dead is left alone until a test is taken, and the log tells of both")
    func death() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let made = try await test.webhook("ci", [room])
            try await test.say("hello", in: room, by: alice)
            let start = test.clock.now
            let claim = try #require(try await test.claim().first)
            let refused = WebhookAnswer(status: 500, failure: "HTTP 500", took: .zero)
            let next = start.addingTimeInterval(2)
            #expect(try await test.fail(claim, refused, .again(at: next)))
            var webhook = try await test.chat.webhooks(by: .owner)[0]
            #expect(webhook.state == .failing(since: start) && webhook.failures == 1)
            #expect(webhook.nextAttemptAt == next && webhook.failure == "HTTP 500" && webhook.status == 500)
            #expect(try await test.claim().isEmpty)

            test.clock.advance(seconds: 2)
            let again = try #require(try await test.claim().first)
            #expect(again.target.failures == 1 && again.failingSince == start)
            #expect(try await test.fail(again, refused, .dead))
            webhook = try await test.chat.webhooks(by: .owner)[0]
            #expect(webhook.state == .dead(since: test.clock.now) && webhook.nextAttemptAt == nil)
            #expect(try await test.queue.watch(at: .distantFuture) == WebhookWatch(rooms: [], isDue: false))

            let id = made.webhook.id
            let failed = try await test.chat.testWebhook(id, with: RefusingReceiver(), by: .owner)
            #expect(!failed.revived)
            #expect(try await test.chat.webhooks(by: .owner)[0].state == webhook.state)
            let taken = try await test.chat.testWebhook(id, with: TakingReceiver(), by: .owner)
            #expect(taken.revived)
            #expect(try await test.chat.webhooks(by: .owner)[0].state == .active)
            #expect(try await test.claim().count == 1, "it goes on with what it was not told")
            let log = try await test.audit()
            #expect(log.contains("os:instance webhook.die ci") && log.contains("os:test webhook.revive ci"))
        }
    }

    @Test("a webhook has a name of its own, rooms that its maker sees, and an address of the internet")
    func refused() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let alice = try await test.person("alice")
            let hidden = try await test.chat.createRoom(name: "hidden", kind: .private, by: .person(alice)).summary.id
            let direct = try await test.chat.openDirect(with: [root.user.id], by: alice).summary.id
            let open = try await test.room("open", alice)
            for rooms in [[hidden], [direct], [open, hidden], [RoomID.new(at: test.clock.now)]] {
                await #expect(throws: ChatError.notFound) {
                    try await test.chat.createWebhook(url: Self.url, rooms: rooms, by: .person(root))
                }
            }
            await #expect(throws: ChatError.notFound) {
                try await test.chat.createWebhook(url: Self.url, rooms: [direct], by: .owner)
            }
            _ = try await test.chat.createWebhook(name: "Mine", url: Self.url, rooms: [hidden], by: .owner)
            await #expect(throws: ChatError.conflict(field: "name", message: "A webhook with this name exists.")) {
                try await test.chat.createWebhook(name: "mine", url: Self.url, rooms: [open], by: .owner)
            }
            for url in ["http://hooks.example", "https://10.0.0.1", "https://[::1]/", "https://a:b@hooks.example"] {
                await #expect(throws: ChatError.self) {
                    try await test.chat.createWebhook(url: url, rooms: [open], by: .owner)
                }
            }
            await #expect(throws: ChatError.self) {
                try await test.chat.createWebhook(url: Self.url, rooms: [], by: .owner)
            }
            #expect(try await test.chat.webhooks(by: .owner).map(\.name) == ["mine"])
        }
    }

    @Test("with a room its place goes, and with a webhook everything of it; the log has no secret and no path")
    func removal() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let (kept, gone) = (try await test.room("kept", alice), try await test.room("gone", alice))
            let made = try await test.webhook("ci", [kept, gone])
            let room = try #require(try await test.chat.rooms(by: .owner).first { $0.id == gone }).room
            try await test.database.administration.deleteRoom(room, by: .owner, at: test.clock.now)
            #expect(try await test.chat.webhooks(by: .owner)[0].rooms == [kept])
            test.clock.advance(seconds: 1)
            #expect(try await test.chat.deleteWebhook(made.webhook.id, by: .owner).name == "ci")
            await #expect(throws: ChatError.notFound) {
                try await test.chat.deleteWebhook(made.webhook.id, by: .owner)
            }
            #expect(try await test.queue.watch(at: test.clock.now) == WebhookWatch(rooms: [], isDue: false))
            let entries = try await test.chat.audit(by: .owner)
            #expect(entries[0].action == .webhookDelete && entries[0].subject.name == "ci")
            let created = try #require(entries.first { $0.action == .webhookCreate })
            #expect(created.detail["host"] == "hooks.example")
            #expect(!entries.contains { "\($0)".contains(made.secret) || "\($0)".contains("/in") })
        }
    }
}

/// A receiver that takes everything.
struct TakingReceiver: WebhookSending {
    func ping(_ target: WebhookTarget) async -> WebhookAnswer {
        WebhookAnswer(status: 204, failure: nil, took: .milliseconds(1))
    }
}

private struct RefusingReceiver: WebhookSending {
    func ping(_ target: WebhookTarget) async -> WebhookAnswer {
        WebhookAnswer(status: nil, failure: "no connection", took: .milliseconds(1))
    }
}

extension TestChat {
    fileprivate var queue: WebhookTable { database.webhooks }

    fileprivate func webhook(_ name: String, _ rooms: [RoomID]) async throws -> IssuedWebhook {
        try await chat.createWebhook(name: name, url: "https://hooks.example/in", rooms: rooms, by: .owner)
    }

    fileprivate func claim() async throws -> [WebhookClaim] {
        try await queue.claim(atMost: 10, until: clock.now.addingTimeInterval(20), at: clock.now)
    }

    fileprivate func take(_ claim: WebhookClaim, _ batch: WebhookBatch) async throws -> Bool {
        let answer = WebhookAnswer(status: 204, failure: nil, took: .milliseconds(1))
        let end = clock.now.addingTimeInterval(20)
        return try await queue.delivered(claim, batch.room.id, upTo: batch.to, answer, until: end, at: clock.now)
    }

    fileprivate func fail(
        _ claim: WebhookClaim,
        _ answer: WebhookAnswer,
        _ verdict: WebhookRetries.Verdict
    ) async throws -> Bool {
        let subject = AuditEntry.Subject.webhook(claim.target.id, name: claim.target.name)
        let entry = AuditEntry(.webhookDie, of: subject, by: .system(name: "os:instance"), at: clock.now)
        return try await queue.failed(claim, answer, verdict, entry: entry)
    }
}
