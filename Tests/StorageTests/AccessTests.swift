import Domain
import Testing

@testable import Storage

@Suite("Sessions and tokens")
struct AccessTests {
    @Test("a person sees their logins, ends one, and ends all others")
    func ownSessions() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let client = ClientInfo(address: "192.0.2.7", userAgent: "Browser")
            let second = try await test.chat.logIn(name: "alice", password: "password", client: client)
            let third = try await test.chat.logIn(name: "alice", password: "password", client: client)
            let listed = try await test.chat.ownSessions(by: alice)
            #expect(Set(listed.map(\.id)) == [alice.session, second.session, third.session])
            #expect(listed.first { $0.id == second.session }?.client == client)
            await #expect(throws: ChatError.notFound) {
                try await test.chat.revokeOwnSession(second.session, by: bob)
            }
            try await test.chat.revokeOwnSession(second.session, by: alice)
            await #expect(throws: ChatError.notFound) {
                try await test.chat.revokeOwnSession(second.session, by: alice)
            }
            await #expect(throws: ChatError.unauthenticated) {
                try await test.chat.authenticate(secret: second.secret)
            }
            #expect(try await test.chat.revokeOtherSessions(by: alice) == [third.session])
            #expect(try await test.chat.ownSessions(by: alice).map(\.id) == [alice.session])
            #expect(try await test.chat.ownSessions(by: bob).map(\.id) == [bob.session])
        }
    }

    @Test("an admin ends all of somebody's logins")
    func revokeByAdmin() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let alice = try await test.person("alice")
            #expect(try await test.chat.sessions(of: alice.user.id, by: .person(root)).map(\.id) == [alice.session])
            #expect(try await test.chat.revokeSessions(of: alice.user.id, by: .person(root)) == [alice.session])
            #expect(try await test.chat.revokeSessions(of: alice.user.id, by: .person(root)) == [])
            #expect(try await test.audit().count { $0 == "root session.end_all alice" } == 1)
        }
    }

    @Test("a token is good for its scopes and never for the account itself")
    func scopes() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let chatty = try await test.chat.issueOwnToken(name: "chatty", by: root)
            let mighty = try await test.chat.issueOwnToken(name: "mighty", scopes: [.chat, .admin], by: root)
            let weak = try await test.chat.authenticate(secret: chatty.secret)
            let strong = try await test.chat.authenticate(secret: mighty.secret)
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.addUser(name: "eve", password: "password", by: .person(weak))
            }
            _ = try await test.chat.addUser(name: "bob", password: "password", by: .person(strong))
            await #expect(throws: ChatError.forbidden) { try await test.chat.issueOwnToken(name: "more", by: strong) }
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.changePassword(from: "password", to: "password2", by: strong)
            }
            await #expect(throws: ChatError.self) {
                try await test.chat.issueOwnToken(name: "more", scopes: [.account], by: root)
            }
            #expect(Set(try await test.chat.ownTokens(by: root).map(\.id)) == [chatty.token.id, mighty.token.id])
            #expect(try await test.chat.ownSessions(by: root).map(\.id) == [root.session])
        }
    }

    @Test("a token ends when it is revoked, and when its time is over, but not for lack of use")
    func tokenEnd() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            let short = try await test.chat.issueOwnToken(name: "short", expiresIn: 60, by: alice)
            let long = try await test.chat.issueOwnToken(name: "long", by: alice)
            test.clock.advance(seconds: 61)
            await #expect(throws: ChatError.unauthenticated) {
                try await test.chat.authenticate(secret: short.secret)
            }
            test.clock.advance(seconds: 400 * 86_400)
            let identity = try await test.chat.authenticate(secret: long.secret)
            let again = try await test.chat.logIn(name: "alice", password: "password", client: ClientInfo())
            #expect(try await test.chat.ownTokens(by: again.identity).map(\.lastUsedAt) == [test.clock.now])
            try await test.chat.revokeOwnToken(identity.session, by: again.identity)
            await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: long.secret) }
            #expect(try await test.audit().contains("alice token.revoke long"))
        }
    }

    @Test("an admin makes tokens for bots and for nobody else")
    func botTokens() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let alice = try await test.person("alice")
            let bot = try await test.chat.addUser(name: "robo", password: nil, role: .bot, by: .person(root))
            await #expect(throws: ChatError.forbidden) {
                try await test.chat.issueToken(for: alice.user.id, name: "spy", by: .person(root))
            }
            let token = try await test.chat.issueToken(for: bot.id, name: "robo", by: .person(root))
            #expect(try await test.chat.authenticate(secret: token.secret).user == bot)
            try await test.chat.revokeToken(token.token.id, of: bot.id, by: .person(root))
            await #expect(throws: ChatError.unauthenticated) { try await test.chat.authenticate(secret: token.secret) }
        }
    }

    @Test("an account has a bounded number of tokens")
    func tokenLimit() async throws {
        try await TestChat.with { test in
            let alice = try await test.person("alice")
            for number in 0..<Chat.tokensPerUserMax {
                _ = try await test.chat.issueOwnToken(name: "\(number)", by: alice)
            }
            await #expect(throws: ChatError.self) { try await test.chat.issueOwnToken(name: "more", by: alice) }
        }
    }

    @Test("one query tells which of many sockets stand for something that is over")
    func ended() async throws {
        try await TestChat.with { test in
            func live(_ identity: Identity, _ address: String? = nil) -> LiveSession {
                LiveSession(session: identity.session, role: identity.user.role, address: address)
            }
            let fine = live(try await test.person("fine"), "192.0.2.1")
            let loggedOut = try await test.person("out")
            let disabled = try await test.person("off")
            let banned = try await test.person("banned")
            let promoted = try await test.person("up")
            let elsewhere = live(try await test.person("elsewhere"), "2001:db8::7")
            let bot = live(try await test.person("robo", role: .bot))
            let all = [fine, live(loggedOut), live(disabled), live(banned), live(promoted), elsewhere, bot]
            #expect(try await test.chat.ended(of: all) == [:])
            try await test.chat.logOut(loggedOut)
            _ = try await test.chat.updateUser(disabled.user.id, UserChange(isDisabled: true), by: .owner)
            _ = try await test.chat.ban(.user(banned.user.id), reason: "", by: .owner)
            _ = try await test.chat.updateUser(promoted.user.id, UserChange(role: .moderator), by: .owner)
            let network = try #require(AddressRange("2001:db8::/32"))
            _ = try await test.chat.ban(.address(network), reason: "", by: .owner)
            let ended = try await test.chat.ended(of: all)
            #expect(Set(ended.keys) == Set(all).subtracting([fine, bot]))
            #expect(ended.filter { $0.value == .outdated }.map(\.key) == [live(promoted)])
        }
    }
}
