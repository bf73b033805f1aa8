import Domain
import Testing

@testable import Storage

@Suite("Changes of accounts")
struct AccountChangeTests {
    @Test("a name changes, is free for somebody else, and logs in")
    func rename() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let alice = try await test.person("alice")
            _ = try await test.person("bob")
            let change = UserChange(name: try UserName("Alice.2"), displayName: try DisplayName("Alice B."))
            let update = try await test.chat.updateUser(alice.user.id, change, by: .person(root))
            #expect(update.after.name == "alice.2")
            #expect(update.after.displayName == "Alice B.")
            _ = try await test.chat.logIn(name: "alice.2", password: "password", client: ClientInfo())
            _ = try await test.person("alice")
            await #expect(throws: ChatError.conflict(field: "name", message: "This name is taken.")) {
                try await test.chat.updateUser(alice.user.id, UserChange(name: UserName("bob")), by: .person(root))
            }
            let log = try await test.audit()
            #expect(log.contains("root user.rename alice.2"))
            #expect(log.contains("root user.display_name alice.2"))
            #expect(log.count { $0.contains("user.rename") } == 1)
        }
    }

    @Test("a person shows themselves differently, and nobody else may do it for them")
    func displayName() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            #expect(try await test.chat.setDisplayName(" Ally ", by: alice).displayName == "Ally")
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.updateUser(
                    alice.user.id,
                    UserChange(displayName: DisplayName("Fool")),
                    by: .person(bob)
                )
            }
        }
    }

    @Test("a disabled account loses its logins for good, its invites, and the use of its tokens until it is enabled")
    func disable() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let mona = try await test.person("mona", role: .moderator)
            let login = try await test.chat.logIn(name: "mona", password: "password", client: ClientInfo())
            let token = try await test.chat.issueOwnToken(name: "script", by: mona)
            let invite = try await test.chat.createInvite(by: .person(mona))
            let off = UserChange(isDisabled: true)
            let update = try await test.chat.updateUser(mona.user.id, off, by: .person(root))
            #expect(update.outdatesSockets)
            for secret in [login.secret, token.secret] {
                await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: secret) }
            }
            _ = try await test.chat.updateUser(mona.user.id, UserChange(isDisabled: false), by: .person(root))
            await #expect(throws: ChatError.unauthenticated) {
                try await test.chat.authenticate(secret: login.secret)
            }
            #expect(try await test.chat.authenticate(secret: token.secret).user.name == "mona")
            #expect(try await test.chat.usableInvite(code: invite.code) == nil)
            let log = try await test.audit()
            #expect(log.contains("root user.disable mona"))
            #expect(log.contains("root user.enable mona"))
        }
    }

    @Test("a deleted account leaves its messages, its direct rooms and a free name")
    func delete() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let alice = try await test.person("alice")
            let room = try await test.room("dev", root, alice)
            let direct = try await test.chat.openDirect(with: [alice.user.id], by: root).summary.id
            try await test.say("I was here", in: room, by: alice)
            let deletion = try await test.chat.deleteUser(alice.user.id, by: .person(root))
            #expect(deletion.left.map(\.room) == [room])
            let gone = try await test.chat.user(alice.user.id, by: .person(root))
            #expect(gone.deletedAt != nil && gone.disabledAt != nil)
            #expect(gone.name == "deleted-" + alice.user.id.description.suffix(8))
            #expect(gone.displayName == "Deleted user")
            let history = try await test.chat.messages(in: room, by: root).messages
            #expect(history.map(\.kind) == [.created, .joined, .text, .left])
            #expect(history[2].author == alice.user.id)
            #expect(try await test.chat.members(of: room, by: root).map(\.user.name) == ["root"])
            #expect(try await test.chat.room(direct, by: root).people.contains(alice.user.id))
            #expect(try await test.chat.users(by: .person(root)).map(\.name) == ["root"])
            await #expect(throws: ChatError.wrongCredentials) {
                try await test.chat.logIn(name: gone.name, password: "password", client: ClientInfo())
            }
            await #expect(throws: ChatError.notFound) {
                try await test.chat.updateUser(gone.id, UserChange(isDisabled: false), by: .person(root))
            }
            #expect(try await test.person("alice").user.id != alice.user.id)
            #expect(try await test.audit().contains("root user.delete alice"))
        }
    }

    @Test("names of deleted accounts cannot be taken in advance")
    func reservedNames() async throws {
        try await TestChat.with { test in
            _ = await #expect(throws: ChatError.self) {
                try await test.chat.addUser(name: "Deleted-01234567", password: "password", by: .owner)
            }
        }
    }

    @Test("people cannot leave the chat without an admin; the owner of the machine can")
    func lastAdmin() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let changes = [UserChange(role: .member), UserChange(isDisabled: true)]
            let refused = ChatError.conflict(field: "role", message: "The chat needs at least one admin.")
            for change in changes {
                await #expect(throws: refused) {
                    try await test.chat.updateUser(root.user.id, change, by: .person(root))
                }
            }
            await #expect(throws: refused) { try await test.chat.deleteUser(root.user.id, by: .person(root)) }
            _ = try await test.chat.updateUser(root.user.id, UserChange(role: .member), by: .owner)
            #expect(try await test.chat.user(root.user.id, by: .owner).role == .member)
        }
    }

    @Test("of two admins who demote each other at the same moment, on two instances, one stays")
    func mutualDemotion() async throws {
        try await TestChat.with { test in
            let other = Database(test.database.info, readers: 1, logger: TestChat.silence)
            try await Database.withDatabase(other) { other in
                let elsewhere = TestChat.chat(on: other, test.clock, test.passwords)
                for round in 0..<5 {
                    let one = try await test.person("one\(round)", role: .admin)
                    let two = try await test.person("two\(round)", role: .admin)
                    async let first = try? test.chat.updateUser(
                        two.user.id,
                        UserChange(role: .member),
                        by: .person(one)
                    )
                    async let second = try? elsewhere.updateUser(
                        one.user.id,
                        UserChange(role: .member),
                        by: .person(two)
                    )
                    let done = await [first, second].compactMap { $0 }
                    #expect(done.count == 1)
                    for id in [one.user.id, two.user.id] { _ = try await test.chat.deleteUser(id, by: .owner) }
                }
            }
        }
    }

    @Test("a new password ends the other logins, renews one's own secret, and keeps the tokens")
    func changePassword() async throws {
        try await TestChat.with { test in
            _ = try await test.person("alice")
            let mine = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            let other = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            let token = try await test.chat.issueOwnToken(name: "script", by: mine.identity)
            await #expect(throws: ChatError.self) {
                try await test.chat.changePassword(from: "guess", to: "new password", by: mine.identity)
            }
            let change = try await test.chat.changePassword(from: "password", to: "new password", by: mine.identity)
            #expect(change.ended.contains(other.session) && !change.ended.contains(mine.session))
            #expect(try await test.chat.authenticate(secret: change.secret) == mine.identity)
            for secret in [mine.secret, other.secret] {
                await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: secret) }
            }
            #expect(try await test.chat.authenticate(secret: token.secret).user.name == "alice")
            await #expect(throws: ChatError.wrongCredentials) {
                try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            }
            _ = try await test.chat.logIn(name: "alice", password: "new password", client: ClientInfo())
            #expect(try await test.audit().contains("alice user.password.change alice"))
        }
    }

    @Test("a reset by an admin ends every login; a bot has no password to reset")
    func resetPassword() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let alice = try await test.person("alice")
            let bot = try await test.person("robo", role: .bot)
            let ended = try await test.chat.resetPassword(of: alice.user.id, to: "another one", by: .person(root))
            #expect(ended == [alice.session])
            _ = try await test.chat.logIn(name: "alice", password: "another one", client: ClientInfo())
            await #expect(throws: ChatError.self) {
                try await test.chat.resetPassword(of: bot.user.id, to: "another one", by: .person(root))
            }
            await #expect(throws: ChatError.self) {
                try await test.chat.addUser(name: "robo2", password: "password", role: .bot, by: .owner)
            }
            #expect(try await test.audit().contains("root user.password.reset alice"))
        }
    }
}
