import Domain
import Foundation
import Testing

@testable import Storage

@Suite("What the owner of the machine does")
struct AdministrationTests {
    @Test("a message in somebody's name is stored with its line in the audit log, and a repeated one adds neither")
    func sendInAName() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            let sent = try await test.sendInAName("hello", id: "once", to: room, as: alice)
            #expect(sent.message.seq == 2)
            #expect(try await test.sendInAName("hello", id: "once", to: room, as: alice).duplicate)
            #expect(try await test.audit().filter { $0.contains("message.send") } == ["os:test message.send -"])
        }
    }

    @Test("a message in somebody's name that cannot be written down is not sent")
    func sendWithoutAudit() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let room = try await test.room("dev", alice)
            try await test.refuseAudit(of: "message.send")
            await #expect(throws: (any Error).self) {
                try await test.sendInAName("hello", id: "x", to: room, as: alice)
            }
            let history = try await test.chat.messages(in: room, by: alice).messages
            #expect(history.map(\.kind) == [.created])
        }
    }

    @Test("a message in somebody's name that is refused leaves no line in the audit log")
    func refusedSend() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice)
            await #expect(throws: ChatError.notFound) {
                try await test.sendInAName("hello", id: "x", to: room, as: bob)
            }
            try await test.execute("ALTER TABLE messages ADD CONSTRAINT poison CHECK (body <> 'poison')")
            await #expect(throws: (any Error).self) {
                try await test.sendInAName("poison", id: "y", to: room, as: alice)
            }
            #expect(try await test.audit().filter { $0.contains("message.send") }.isEmpty)
        }
    }

    @Test("nobody looks into a direct room without a line in the audit log")
    func reveal() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let direct = try await test.chat.openDirect(with: [bob.user.id], by: alice).summary.id
            try await test.say("between us", in: direct, by: alice)
            let administration = test.database.administration
            let seen = try await administration.reveal(direct, limit: 10, by: .owner, at: test.clock.now)
            #expect(seen.map(\.body).last == "between us")
            #expect(try await test.audit().filter { $0.contains("dm.reveal") }.count == 1)
            try await test.refuseAudit(of: "dm.reveal")
            await #expect(throws: (any Error).self) {
                try await administration.reveal(direct, limit: 10, by: .owner, at: test.clock.now)
            }
        }
    }

    @Test("a room is removed with everything in it, however long that takes")
    func slowRemoval() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let before = try await test.rowCounts(except: ["audit"])
            let room = try await test.room("dev", alice)
            try await test.say("hello @alice", in: room, by: alice)
            _ = try await test.chat.react(to: 2, in: room, with: "👍", adding: true, by: alice)
            try await test.execute(
                """
                CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_sleep(4.2); RETURN old; END $$;
                CREATE TRIGGER linger BEFORE DELETE ON rooms FOR EACH ROW EXECUTE FUNCTION linger();
                """
            )
            let found = try await test.chat.rooms(by: .owner).first { $0.id == room }!.room
            #expect(try await test.database.administration.size(of: room).messages == 1)
            try await test.database.administration.deleteRoom(found, by: .owner, at: test.clock.now)
            #expect(try await test.rowCounts(except: ["audit"]) == before)
            #expect(try await test.audit().filter { $0.contains("room.delete") }.count == 1)
        }
    }

    @Test("what somebody said is deleted step by step, each message with a number of its own, and written down")
    func purge() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let room = try await test.room("dev", alice, bob)
            let direct = try await test.chat.openDirect(with: [bob.user.id], by: alice).summary.id
            for number in 0..<5 {
                try await test.say("from @bob \(number)", in: room, by: alice)
                try await test.say("kept \(number)", in: room, by: bob)
            }
            try await test.say("between us", in: direct, by: alice)
            let before = try await test.chat.messages(in: room, by: bob)
            let administration = test.database.administration
            let said = try await administration.said(by: alice.user.id)
            #expect(Dictionary(uniqueKeysWithValues: said.map { ($0.room, $0.messages) }) == [room: 5, direct: 1])

            let author = alice.user
            let places = before.messages.filter { $0.author == author.id && $0.kind == .text }.map(\.seq)
            let deleted = try await administration.purge(author, in: room, after: 0, by: .owner, at: test.clock.now)
            #expect(deleted.map(\.seq) == places)
            #expect(deleted.map(\.changedSeq) == (1...5).map { before.lastSeq + $0 })
            #expect(deleted.allSatisfy { $0.body.isEmpty && $0.deletedAt != nil && $0.deletedBy == nil })
            let again = try await administration.purge(author, in: room, after: 0, by: .owner, at: test.clock.now)
            #expect(again.isEmpty)
            let left = try await test.chat.messages(in: room, by: bob)
            #expect(left.lastSeq == before.lastSeq + 5)
            #expect(
                left.messages.filter { $0.author == bob.user.id && $0.kind == .text }.allSatisfy { !$0.body.isEmpty }
            )
            #expect(try await test.database.read("SELECT FROM mentions") { _ in () }.isEmpty)
            #expect(try await test.audit().filter { $0.contains("message.purge") }.count == 1)

            try await test.refuseAudit(of: "message.purge")
            await #expect(throws: (any Error).self) {
                try await administration.purge(author, in: direct, after: 0, by: .owner, at: test.clock.now)
            }
            #expect(try await administration.said(by: author.id).map(\.room) == [direct])
        }
    }

    @Test("accounts that are added together are added all or none, with their entries and their lines in the audit log")
    func allOrNone() async throws {
        try await TestChat.with { test in
            _ = try await test.chat.ensureDefaultRoom(name: "general")
            let room = try await test.chat.createRoom(name: "dev", by: .owner).summary.id
            try await test.execute("ALTER TABLE users ADD CONSTRAINT poison CHECK (name <> 'person7')")
            let before = try await test.rowCounts()
            await #expect(throws: (any Error).self) {
                try await test.chat.addUsers(AccountDraft.many(10, rooms: [room]), by: .owner)
            }
            #expect(try await test.rowCounts() == before)
            let added = try await test.chat.addUsers(AccountDraft.many(6, rooms: [room]), by: .owner)
            #expect(added.map(\.user.name) == (0..<6).map { "person\($0)" })
            #expect(added.allSatisfy { $0.joined.map(\.kind) == [.joined, .added] })
            #expect(try await test.audit().filter { $0.contains("user.add") }.count == 6)
        }
    }

    @Test("accounts are added once when the connection breaks in the middle")
    func brokenConnection() async throws {
        try await TestChat.with { test in
            _ = try await test.chat.ensureDefaultRoom(name: "general")
            // What a sequence counted stays counted when the transaction is undone.
            try await test.execute(
                """
                CREATE SEQUENCE pulls;
                CREATE FUNCTION pull() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN
                    IF nextval('pulls') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                    RETURN new;
                END $$;
                CREATE TRIGGER pull BEFORE INSERT ON users FOR EACH ROW WHEN (new.name = 'person3') EXECUTE FUNCTION pull();
                """
            )
            let added = try await test.chat.addUsers(AccountDraft.many(6), by: .owner)
            #expect(added.count == 6)
            #expect(try await test.database.users.list().count == 6)
            #expect(try await test.audit().filter { $0.contains("user.add") }.count == 6)
        }
    }

    @Test("guests join no default room, talk, and leave nothing but two lines in the audit log")
    func guests() async throws {
        try await TestChat.with { test in
            let general = try await test.chat.ensureDefaultRoom(name: "general")
            let alice = try await test.person("alice")
            let before = try await test.rowCounts(except: ["audit"])
            test.clock.advance(seconds: 1)
            let (people, room) = try await test.addGuests(3)
            let guest = try await test.chat.authenticate(secret: people[0].secret)
            #expect(try await test.chat.rooms(by: .person(guest)).filter(\.joined).map(\.id) == [room])
            try await test.say("hello @\(people[1].name)", in: room, by: guest)
            test.clock.advance(seconds: 1)
            let left = try await test.database.administration
                .removeGuests(people.map(\.user), from: [room], by: .owner, at: test.clock.now)
            #expect(left.isEmpty)
            #expect(try await test.rowCounts(except: ["audit"]) == before)
            #expect(try await test.audit().prefix(2) == ["os:test guests.remove -", "os:test guests.add -"])
            let history = try await test.chat.messages(in: general.id, by: alice).messages
            #expect(history.map(\.kind) == [.created, .joined])
        }
    }

    @Test("a guest who said something in another room is not removed from its history")
    func strayGuest() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let dev = try await test.room("dev", alice)
            let (people, room) = try await test.addGuests(2)
            _ = try await test.chat.join(dev, by: try await test.chat.authenticate(secret: people[0].secret))
            let left = try await test.database.administration
                .removeGuests(people.map(\.user), from: [room], by: .owner, at: test.clock.now)
            #expect(left == [people[0].user])
        }
    }

    @Test("guests of a run that was killed are found when their time is over, and nobody else is taken for one")
    func lostGuests() async throws {
        try await TestChat.with { test in
            _ = try await test.chat.addUser(name: "alice", password: "password", by: .owner)
            _ = try await test.chat.logIn(
                name: "alice",
                password: "password",
                client: ClientInfo(userAgent: "chatctl guest")
            )
            let (people, room) = try await test.addGuests(2)
            #expect(try await test.database.administration.lostGuests(at: test.clock.now).people.isEmpty)
            test.clock.advance(seconds: 2 * Session.lifetimeSeconds)
            let lost = try await test.database.administration.lostGuests(at: test.clock.now)
            #expect(Set(lost.people) == Set(people.map(\.user)))
            #expect(lost.rooms == [room])
        }
    }

    @Test("pruning counts first and then removes what ended long ago, and nothing that still counts")
    func prune() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.chat.addUser(name: "bob", password: nil, role: .bot, by: .owner)
            let token = try await test.chat.issueToken(for: bob.id, name: "old", by: .owner).token
            try await test.chat.revokeToken(token.id, of: bob.id, by: .owner)
            _ = try await test.chat.issueToken(for: bob.id, name: "kept", by: .owner)
            _ = try await test.chat.createInvite(usesMax: 1, expiresIn: 60, rooms: [], by: .owner)
            let ban = try await test.chat.ban(.user(alice.user.id), until: nil, reason: "", by: .owner)
            _ = try await test.chat.liftBan(ban.id, by: .owner)
            test.clock.advance(seconds: 400 * 86_400)
            _ = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            let year = test.clock.now.addingTimeInterval(-365 * 86_400)
            let administration = test.database.administration
            let counted = try await administration.prunable(before: year)
            #expect(counted == Administration.Pruned(logins: 1, tokens: 1, invites: 1, bans: 1, devices: 1))
            #expect(try await administration.prune(before: year, by: .owner, at: test.clock.now) == counted)
            #expect(try await administration.prunable(before: year).total == 0)
            #expect(try await test.chat.tokens(of: bob.id, by: .owner).count == 1)
            #expect(try await test.chat.sessions(of: alice.user.id, by: .owner).count == 1)
        }
    }
}

extension AccountDraft {
    /// person0, person1, …
    fileprivate static func many(_ count: Int, rooms: [RoomID] = []) -> [AccountDraft] {
        (0..<count).map { number in
            AccountDraft(name: "person\(number)", displayName: nil, password: "password", role: .member, rooms: rooms)
        }
    }
}

extension TestChat {
    fileprivate func sendInAName(_ body: String, id: String, to room: RoomID, as author: Identity) async throws
        -> SendReceipt
    {
        let draft = try Draft(room: room, clientID: id, body: body)
        let room = try await chat.rooms(by: .owner).first { $0.id == room }!.room
        return try await database.administration.send(draft, as: author.user, to: room, by: .owner, at: clock.now)
    }

    fileprivate func refuseAudit(of action: String) async throws {
        try await execute("ALTER TABLE audit ADD CONSTRAINT refused CHECK (action <> '\(action)') NOT VALID")
    }

    fileprivate func addGuests(_ count: Int) async throws -> (
        people: [(user: UserID, name: UserName, secret: String)], room: RoomID
    ) {
        var people: [(user: UserID, name: UserName, secret: String)] = []
        var guests: [Administration.Guest] = []
        let room = RoomID.new(at: clock.now)
        for number in 0..<count {
            let secret = FakeTokens().newToken()
            let name = try UserName("guest\(number)")
            people.append((.new(at: clock.now), name, secret.secret))
            guests.append(
                Administration.Guest(
                    user: people[number].user,
                    name: name,
                    session: .new(at: clock.now),
                    tokenHash: secret.hash,
                    rooms: [room]
                )
            )
        }
        try await database.administration.addGuests(
            guests,
            in: [(room, try RoomName("guests"))],
            until: clock.now.addingTimeInterval(3_600),
            by: .owner,
            at: clock.now
        )
        return (people, room)
    }

    /// How many rows each table has.
    fileprivate func rowCounts(except left: Set<String> = []) async throws -> [String: Int64] {
        let tables = [
            "users", "sessions", "devices", "rooms", "members", "messages", "mentions", "reactions", "audit",
        ]
        var counts: [String: Int64] = [:]
        for table in tables where !left.contains(table) {
            // Names of tables are no parameters; these come from here.
            let count = SQL(stringLiteral: "SELECT count(*) FROM \(table)")
            counts[table] = try await database.read(count) { try $0.read(Int64.self) }[0]
        }
        return counts
    }
}
