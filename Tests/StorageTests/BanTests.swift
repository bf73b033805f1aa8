import Domain
import Foundation
import Testing

@testable import Storage

@Suite("Bans")
struct BanTests {
    @Test("a banned user is told so after the right password only, and comes back when the ban is lifted")
    func user() async throws {
        try await TestChat.with { test in
            let mona = try await test.person("mona", role: .moderator)
            let eve = try await test.person("eve")
            let session = try await test.chat.logIn(name: "eve", password: "password", client: ClientInfo())
            let ban = try await test.chat.ban(.user(eve.user.id), reason: "spam", by: .person(mona))
            #expect(try await test.chat.bans(by: .person(mona)) == [ban])
            await #expect(throws: ChatError.banned(ban)) { try await test.chat.authenticate(secret: session.secret) }
            await #expect(throws: ChatError.banned(ban)) {
                try await test.chat.logIn(name: "eve", password: "password", client: ClientInfo())
            }
            await #expect(throws: ChatError.wrongCredentials) {
                try await test.chat.logIn(name: "eve", password: "guess", client: ClientInfo())
            }
            _ = try await test.chat.liftBan(ban.id, by: .person(mona))
            #expect(try await test.chat.authenticate(secret: session.secret).user.name == "eve")
            await #expect(throws: ChatError.notFound) { try await test.chat.liftBan(ban.id, by: .person(mona)) }
            let log = try await test.audit()
            #expect(log.contains("mona ban.add eve") && log.contains("mona ban.lift eve"))
        }
    }

    @Test("from a banned network nobody logs in, signs up or uses a session, and others do")
    func address() async throws {
        try await TestChat.with { test in
            let root = try await test.person("root", role: .admin)
            let invite = try await test.chat.createInvite(by: .owner)
            let network = try #require(AddressRange("192.0.2.77/24"))
            let ban = try await test.chat.ban(.address(network), reason: "", by: .person(root))
            let session = try await test.chat.logIn(name: "root", password: "password", client: ClientInfo())
            for inside in ["192.0.2.1", "::ffff:192.0.2.200"] {
                let client = ClientInfo(address: inside)
                await #expect(throws: ChatError.banned(ban)) {
                    try await test.chat.logIn(name: "root", password: "password", client: client)
                }
                await #expect(throws: ChatError.banned(ban)) {
                    try await test.chat.signUp(
                        name: "eve",
                        password: "password",
                        invite: invite.code,
                        client: client
                    )
                }
                await #expect(throws: ChatError.banned(ban)) {
                    try await test.chat.authenticate(secret: session.secret, address: inside)
                }
            }
            #expect(try await test.chat.authenticate(secret: session.secret, address: "192.0.3.1").user == root.user)
        }
    }

    @Test("a ban ends by itself")
    func expiry() async throws {
        try await TestChat.with { test in
            let eve = try await test.person("eve")
            let until = test.clock.now.addingTimeInterval(3_600)
            _ = try await test.chat.ban(.user(eve.user.id), until: until, reason: "", by: .owner)
            await #expect(throws: ChatError.self) {
                try await test.chat.logIn(name: "eve", password: "password", client: ClientInfo())
            }
            test.clock.advance(seconds: 3_600)
            _ = try await test.chat.logIn(name: "eve", password: "password", client: ClientInfo())
            #expect(try await test.chat.bans(by: .owner).isEmpty)
        }
    }

    @Test("nobody bans an admin, themselves, their own address, or until the past")
    func refused() async throws {
        try await TestChat.with { test in
            let mona = try await test.person("mona", role: .moderator)
            let root = try await test.person("root", role: .admin)
            let here = Actor.person(Identity(user: mona.user, session: mona.session, address: "192.0.2.1"))
            let everybody = try #require(AddressRange("0.0.0.0/0"))
            let past = test.clock.now
            for subject in [Ban.Subject.user(root.user.id), .user(mona.user.id), .address(everybody)] {
                await #expect(throws: ChatError.self) { try await test.chat.ban(subject, reason: "", by: here) }
            }
            let eve = try await test.person("eve")
            await #expect(throws: ChatError.self) {
                try await test.chat.ban(.user(eve.user.id), until: past, reason: "", by: here)
            }
            #expect(try await test.chat.bans(by: here).isEmpty)
        }
    }
}
