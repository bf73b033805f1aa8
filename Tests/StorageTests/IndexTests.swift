import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Indexes")
struct IndexTests {
    /// Tables that grow with the chat; every plan has to reach them through an index.
    private static let growing: Set = [
        "messages", "message_versions", "attachments", "members", "mentions", "reactions",
        "room_mutes", "sessions", "devices", "audit",
    ]

    @Test("EXPLAIN shows an index on every path of people and of the delivery into a table that grows")
    func everyPath() async throws {
        try await TestChat.with { test in
            try await test.seed()
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice, bob)
            let said = try await test.say("hello @bob", in: room, by: alice).message
            try await Plans.turnOn(test)
            let plans = Plans()
            let explained = Database(test.database.info, logger: plans.logger)
            try await Database.withDatabase(explained) { database in
                let chat = TestChat.chat(on: database, test.clock, test.passwords)
                // Often enough that a prepared statement's generic plan is tried too.
                for number in 0..<8 {
                    try await Self.walk(chat, database, room, said.seq, alice, bob, number)
                    try await Self.walkAccounts(chat, alice, bob)
                    try await Self.walkWebhooks(chat, database, room, test.clock.now, alice)
                }
            }
            let all = try plans.all()
            let scans = all.flatMap(\.nodes).filter { $0.kind.contains("Index") }.compactMap(\.relation)
            #expect(Self.growing.isSubset(of: scans), "the walk comes by every table")
            for plan in all {
                let scanned = plan.nodes.filter { $0.kind == "Seq Scan" }.compactMap(\.relation)
                #expect(Self.growing.isDisjoint(with: scanned), "\(scanned) is read as a whole:\n\(plan.query)")
            }
        }
    }

    private static func walk(
        _ chat: Chat,
        _ database: Database,
        _ room: RoomID,
        _ seq: Int64,
        _ alice: Identity,
        _ bob: Identity,
        _ number: Int
    ) async throws {
        _ = try await chat.rooms(by: .person(alice))
        _ = try await chat.room(room, by: alice)
        _ = try await chat.members(of: room, by: alice)
        _ = try await chat.acquainted([bob.user.id], by: alice)
        _ = try await chat.hasAtMost(200, in: room, by: alice)
        for page in [Page.latest, .before(50), .after(1), .around(1)] {
            _ = try await chat.messages(in: room, page: page, by: alice)
        }
        _ = try await chat.changes(in: room, since: 0, by: alice)
        _ = try await chat.sync(have: [room: 0], active: room, by: alice)
        _ = try await chat.message(seq, in: room, by: alice)
        _ = try await chat.search("hello", by: alice)
        _ = try await chat.search("hello", in: room, by: alice)
        _ = try await chat.search("from:alice in:dev", by: alice)
        _ = try await database.messages.latestSequences(of: [room])
        _ = try await database.messages.changed(in: room, after: 0, limit: 200)
        _ = try await database.messages.admissions(in: room, after: 0, limit: 200)
        let draft = try Draft(room: room, clientID: "n\(number)", body: "again @bob", replyTo: seq)
        let sent = try await chat.send(draft, by: alice).message.seq
        _ = try await chat.send(draft, by: alice)
        _ = try await chat.edit(sent, in: room, body: "changed @bob", by: alice)
        _ = try await chat.versions(of: sent, in: room, by: bob)
        let key = "n\(number)"
        let image = try await chat.upload(TestImage.png, named: "", clientID: key, to: room, by: alice).attachment
        _ = try await chat.upload(TestImage.png, named: "", clientID: key, to: room, by: alice)
        let pictured = try Draft(room: room, clientID: "i\(number)", body: "", attachments: [image.id])
        _ = try await chat.send(pictured, by: alice)
        _ = try await chat.attachment(image.id, by: bob)
        _ = try await chat.content(of: image, from: 0, count: 100)
        _ = try await chat.removeUnsentAttachments()
        _ = try await chat.react(to: sent, in: room, with: "👍", adding: true, by: bob)
        _ = try await chat.react(to: sent, in: room, with: "👍", adding: false, by: bob)
        _ = try await chat.delete(sent, in: room, by: alice)
        _ = try await chat.previewRead(room, upTo: sent, by: bob)
        _ = try await chat.markRead(room, upTo: sent, by: bob)
        _ = try await chat.markUnread(room, from: seq, by: bob)
        _ = try await chat.setNotifyLevel(.mentions, in: room, by: bob)
        _ = try await chat.mute(bob.user.id, in: room, until: nil, by: .person(alice))
        _ = try await chat.setRole(.moderator, of: bob.user.id, in: room, by: .person(alice))
        _ = try await chat.kick(bob.user.id, from: room, by: .person(alice))
        _ = try await chat.join(room, by: bob)
        _ = try await chat.leave(room, by: bob)
        _ = try await chat.invite([bob.user.id], to: room, by: .person(alice))
        _ = try await chat.updateRoom(room, topic: "topic \(number)", by: .person(alice))
        _ = try await chat.openDirect(with: [bob.user.id], by: alice)
    }

    private static func walkWebhooks(
        _ chat: Chat,
        _ database: Database,
        _ room: RoomID,
        _ now: Date,
        _ alice: Identity
    ) async throws {
        let webhook = try await chat.createWebhook(url: "https://hooks.example", rooms: [room], by: .owner).webhook
        _ = try await chat.send(Draft(room: room, clientID: UUID().uuidString, body: "told"), by: alice)
        let end = now.addingTimeInterval(30)
        #expect(try await database.webhooks.watch(at: now).isDue)
        let claim = try #require(try await database.webhooks.claim(atMost: 1, until: end, at: now).first)
        let batch = try #require(try await database.webhooks.next(of: webhook.id, after: nil, limit: 100))
        let taken = WebhookAnswer(status: 204, failure: nil, took: .zero)
        _ = try await database.webhooks.delivered(claim, room, upTo: batch.to, taken, until: end, at: now)
        try await database.webhooks.release(claim)
        _ = try await chat.deleteWebhook(webhook.id, by: .owner)
    }

    private static func walkAccounts(_ chat: Chat, _ alice: Identity, _ bob: Identity) async throws {
        let signed = try await chat.logIn(name: "alice", password: "password", client: ClientInfo())
        let identity = try await chat.authenticate(secret: signed.secret)
        _ = try await chat.user(bob.user.id, by: .person(identity))
        _ = try await chat.setDisplayName("Alice", by: identity)
        _ = try await chat.ownSessions(by: identity)
        _ = try await chat.sessions(of: bob.user.id, by: .owner)
        _ = try await chat.ended(of: [LiveSession(session: alice.session, role: .member, address: nil)])
        try await chat.countAsUsed([alice.session])
        let token = try await chat.issueOwnToken(name: "t", scopes: [.chat], by: identity)
        _ = try await chat.ownTokens(by: identity)
        try await chat.revokeOwnToken(token.token.id, by: identity)
        _ = try await chat.audit(by: .owner)
        try await chat.logOut(identity)
    }
}

extension TestChat {
    /// 40,000 messages in 100 rooms with 40 people each, so that reading a table as a whole is never the cheaper plan.
    fileprivate func seed() async throws {
        try await execute(
            """
            SET statement_timeout = 0;
            INSERT INTO users (id, name, display_name, role, created_at)
            SELECT gen_random_uuid(), 'seed-' || n, 'Seed', 'member', now() FROM generate_series(1, 200) n;
            INSERT INTO rooms (id, kind, name, created_at, last_seq, msg_count)
            SELECT gen_random_uuid(), 'private', 'seed-' || n, now(), 400, 400 FROM generate_series(1, 100) n;
            INSERT INTO members (room_id, user_id, joined_seq, read_seq, read_n)
            SELECT r.id, u.id, 1, 1, 0
              FROM rooms r JOIN (SELECT id, row_number() OVER () AS n FROM users WHERE name LIKE 'seed-%') u ON u.n <= 80
             WHERE r.name LIKE 'seed-%';
            """,
            within: .seconds(60)
        )
        try await execute(
            """
            SET statement_timeout = 0;
            INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
            SELECT gen_random_uuid(), r.id, n, n, n, 'text', (SELECT id FROM users WHERE name = 'seed-1'),
                   r.name || '/' || n, 'seeded ' || n, now()
              FROM rooms r CROSS JOIN generate_series(1, 400) n WHERE r.name LIKE 'seed-%';
            INSERT INTO mentions (user_id, room_id, seq)
            SELECT u.id, m.room_id, m.seq FROM messages m CROSS JOIN (SELECT id FROM users WHERE name = 'seed-2') u
             WHERE m.n % 4 = 0;
            INSERT INTO reactions (room_id, seq, user_id, emoji, created_at)
            SELECT room_id, seq, author_id, 'x', now() FROM messages WHERE n % 4 = 0;
            INSERT INTO room_mutes (room_id, user_id, until) SELECT room_id, user_id, now() FROM members;
            INSERT INTO message_versions (room_id, seq, version, body, written_at)
            SELECT room_id, seq, 1, 'before', now() FROM messages WHERE n % 4 = 0;
            INSERT INTO attachments (id, room_id, uploader_id, client_id, seq, media_type, name, width, height, byte_count,
                                     content, created_at)
            SELECT gen_random_uuid(), room_id, author_id, client_id, seq, 'image/png', 'x.png', 1, 1, 3, 'abc', now()
              FROM messages WHERE n % 4 = 0;
            INSERT INTO users (id, name, display_name, role, created_at)
            SELECT gen_random_uuid(), 'grown-' || n, 'Grown', 'member', now() FROM generate_series(1, 10000) n;
            INSERT INTO sessions (id, user_id, token_hash, created_at, expires_at, last_used_at)
            SELECT gen_random_uuid(), id, sha256(id::text::bytea), now(), now() + interval '90 days', now() FROM users;
            INSERT INTO devices (token_hash, user_id, last_used_at)
            SELECT sha256(id::text::bytea), id, now() FROM users;
            INSERT INTO audit (id, at, actor_kind, actor_name, action, subject_kind)
            SELECT gen_random_uuid(), now(), 'system', name, 'user.add', 'user' FROM users;
            ANALYZE;
            """,
            within: .seconds(60)
        )
    }
}
