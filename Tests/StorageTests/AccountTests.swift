import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Accounts")
struct AccountTests {
    @Test("a new account joins the default rooms and is listed by name")
    func add() async throws {
        try await TestChat.with { test in
            let general = try await test.chat.ensureDefaultRoom(name: "general")
            #expect(try await test.chat.ensureDefaultRoom(name: "General").id == general.id)
            let bob = try await test.person("Bob")
            let alice = try await test.person("alice")
            #expect(bob.user.name == "bob")
            #expect(bob.user.displayName == "bob")
            #expect(try await test.chat.users(by: .person(alice)).map(\.name) == ["alice", "bob"])
            let rooms = try await test.chat.rooms(by: .person(alice))
            #expect(rooms.map(\.room.name) == ["general"])
            #expect(rooms[0].joined)
            #expect(rooms[0].unread == 0)
            let history = try await test.chat.messages(in: general.id, by: alice).messages
            #expect(history.map(\.kind) == [.created, .joined, .joined])
            #expect(history.map(\.author) == [nil, bob.user.id, alice.user.id])
        }
    }

    @Test("of many that want one name at once, one gets it")
    func uniqueNames() async throws {
        try await TestChat.with { test in
            let outcomes = await withTaskGroup(of: ChatError?.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        do {
                            _ = try await test.chat.addUser(name: "alice", password: "password", by: .owner)
                            return nil
                        } catch {
                            return error as? ChatError ?? .internal
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.filter { $0 == nil }.count == 1)
            #expect(outcomes.compactMap { $0?.code } == Array(repeating: "conflict", count: 9))
            #expect(outcomes.compactMap { $0?.field }.allSatisfy { $0 == "name" })
        }
    }

    @Test("only admins and the owner of the machine add accounts")
    func whoAdds() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let root = try await test.person("root", role: .admin)
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.addUser(name: "eve", password: "password", by: .person(alice))
            }
            _ = try await test.chat.addUser(name: "eve", displayName: "Eve E.", password: "password", by: .person(root))
        }
    }

    @Test("the setup token makes one admin, once, and only while nobody has an account")
    func setUp() async throws {
        try await TestChat.with { test in
            #expect(try await test.chat.needsSetup())
            let old = try await test.chat.issueSetupToken()
            let token = try await test.chat.issueSetupToken()
            await #expect(throws: ChatError.self) {
                try await test.chat.setUp(token: old, name: "eve", password: "password", client: ClientInfo())
            }
            let outcomes = await withTaskGroup(of: SignedIn?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try? await test.chat.setUp(
                            token: token,
                            name: "root\(number)",
                            password: "password",
                            client: ClientInfo()
                        )
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let admins = outcomes.compactMap { $0 }
            #expect(admins.count == 1)
            let admin = try #require(admins.first)
            #expect(admin.user.role == .admin)
            #expect(try await test.chat.authenticate(secret: admin.secret) == admin.identity)
            #expect(try await test.chat.needsSetup() == false)
            await #expect(throws: ChatError.conflict(field: "setup", message: "The chat is set up already.")) {
                try await test.chat.issueSetupToken()
            }
        }
    }

    @Test("an account made by the owner of the machine ends the setup")
    func setupOvertaken() async throws {
        try await TestChat.with { test in
            let token = try await test.chat.issueSetupToken()
            _ = try await test.person("alice")
            await #expect(throws: ChatError.self) {
                try await test.chat.setUp(token: token, name: "eve", password: "password", client: ClientInfo())
            }
        }
    }
}

@Suite("Sessions")
struct SessionTests {
    @Test("an unknown name, a wrong password and a disabled account cost the same work and get the same answer")
    func wrongCredentials() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            _ = try await test.person("off")
            try await test.execute("UPDATE users SET disabled_at = now() WHERE name = 'off'")
            let before = test.passwords.verified.count
            for (name, password) in [
                ("alice", "wrong"), ("nobody", "password"), ("off", "password"), ("!?", "password"),
            ] {
                await #expect(throws: ChatError.wrongCredentials) {
                    try await test.chat.logIn(name: name, password: password, client: ClientInfo())
                }
            }
            let hashes = Array(test.passwords.verified[before...])
            #expect(hashes.count == 4)
            #expect(hashes[1] == Chat.dummyPasswordHash)
            #expect(hashes[3] == Chat.dummyPasswordHash)
            #expect(alice.user.name == "alice")
        }
    }

    @Test("a session ends 90 days after login, whatever its use")
    func absoluteExpiry() async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            let session = try await test.chat.logIn(name: "ALICE", password: "password", client: ClientInfo())
            for _ in 0..<17 {
                test.clock.advance(seconds: 5 * 86_400)
                #expect(try await test.chat.authenticate(secret: session.secret) == session.identity)
            }
            test.clock.advance(seconds: 5 * 86_400)
            await #expect(throws: ChatError.unauthenticated) {
                try await test.chat.authenticate(secret: session.secret)
            }
        }
    }

    @Test("a session ends after 30 days without use")
    func idleExpiry() async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            let session = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            test.clock.advance(seconds: 29 * 86_400)
            _ = try await test.chat.authenticate(secret: session.secret)
            test.clock.advance(seconds: 29 * 86_400)
            _ = try await test.chat.authenticate(secret: session.secret)
            test.clock.advance(seconds: 30 * 86_400)
            await #expect(throws: ChatError.unauthenticated) {
                try await test.chat.authenticate(secret: session.secret)
            }
        }
    }

    @Test("whoever stays connected uses their session")
    func connectedSession() async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            let session = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            let other = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            for _ in 0..<2 {
                test.clock.advance(seconds: 29 * 86_400)
                try await test.chat.countAsUsed([session.session, session.session])
            }
            #expect(try await test.chat.authenticate(secret: session.secret) == session.identity)
            await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: other.secret) }
        }
    }

    @Test("logging out ends this session and no other; a disabled account has none")
    func logOut() async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            let client = ClientInfo(address: "127.0.0.1", userAgent: "a\nb")
            let first = try await test.chat.logIn(name: "alice", password: "password", client: client)
            let second = try await test.chat.logIn(name: "alice", password: "password", client: client)
            try await test.chat.logOut(first.identity)
            await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: first.secret) }
            await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: "guess") }
            #expect(try await test.chat.authenticate(secret: second.secret) == second.identity)
            try await test.execute("UPDATE users SET disabled_at = now()")
            await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: second.secret) }
        }
    }
}
