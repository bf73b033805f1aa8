import Domain
import Testing

@testable import Storage

@Suite("Invites and sign-up")
struct InviteTests {
    private static let invalid = ChatError.invalid(field: "invite", message: "This invite is not valid any more.")

    @Test("an invite makes an account that joins the default rooms and those of the invite")
    func signUp() async throws {
        try await TestChat.with { test in
            let general = try await test.chat.ensureDefaultRoom(name: "general")
            let mona = try await test.person("mona", role: .moderator)
            let dev = try await test.room("dev", mona)
            let invite = try await test.chat.createInvite(rooms: [dev], by: .person(mona))
            #expect(try await test.chat.usableInvite(code: invite.code)?.rooms == [dev])
            let client = ClientInfo(address: "192.0.2.1")
            let signedIn = try await test.chat.signUp(
                name: "alice",
                password: "password",
                invite: invite.code,
                client: client
            )
            #expect(signedIn.user.role == .member)
            let joined = try await test.chat.rooms(by: .person(signedIn.identity)).filter(\.joined).map(\.id)
            #expect(Set(joined) == [general.id, dev])
            #expect(try await test.chat.invites(by: .person(mona)).map(\.uses) == [1])
            let entries = try await test.chat.audit(AuditFilter(action: .userSignUp), by: .owner)
            #expect(entries.map(\.address) == ["192.0.2.1"])
            #expect(entries.map(\.detail) == [["invite": invite.invite.id.description]])
        }
    }

    @Test("of many who use an invite with three uses at once, three get in")
    func uses() async throws {
        try await TestChat.with { test in
            _ = try await test.person("root", role: .admin)
            let invite = try await test.chat.createInvite(usesMax: 3, by: .owner)
            let outcomes = await Self.signUpMany(10, with: invite.code, test)
            #expect(outcomes.count { $0 == nil } == 3)
            #expect(outcomes.compactMap { $0 }.allSatisfy { $0 == Self.invalid })
            #expect(try await test.chat.invites(by: .owner).map(\.uses) == [3])
        }
    }

    @Test("a name that is taken does not cost a use")
    func takenName() async throws {
        try await TestChat.with { test in
            _ = try await test.person("root", role: .admin)
            let invite = try await test.chat.createInvite(usesMax: 1, by: .owner)
            await #expect(throws: ChatError.conflict(field: "name", message: "This name is taken.")) {
                try await test.chat.signUp(
                    name: "root",
                    password: "password",
                    invite: invite.code,
                    client: ClientInfo()
                )
            }
            #expect(await Self.signUpMany(1, with: invite.code, test) == [nil])
        }
    }

    @Test("once an invite is cancelled nobody gets in, whatever was under way")
    func cancelled() async throws {
        try await TestChat.with { test in
            _ = try await test.person("root", role: .admin)
            let invite = try await test.chat.createInvite(by: .owner)
            // On another instance, so that the two do not wait for the same connection.
            let other = Database(test.database.info, readers: 1, logger: TestChat.silence)
            try await Database.withDatabase(other) { other in
                let elsewhere = TestChat.chat(on: other, test.clock, test.passwords)
                async let outcomes = Self.signUpMany(12, with: invite.code, test)
                try await elsewhere.revokeInvite(invite.invite.id, by: .owner)
                let accountsThen = try await elsewhere.users(by: .owner).count
                let gotIn = await outcomes.count { $0 == nil }
                #expect(try await elsewhere.users(by: .owner).count == 1 + gotIn)
                #expect(accountsThen == 1 + gotIn, "an account was made after the invite was cancelled")
            }
            #expect(await Self.signUpMany(1, with: invite.code, test) == [Self.invalid])
            await #expect(throws: ChatError.notFound) {
                try await test.chat.revokeInvite(invite.invite.id, by: .owner)
            }
        }
    }

    @Test("an invite ends by itself")
    func expiry() async throws {
        try await TestChat.with { test in
            _ = try await test.person("root", role: .admin)
            let invite = try await test.chat.createInvite(expiresIn: 3_600, by: .owner)
            test.clock.advance(seconds: 3_601)
            #expect(try await test.chat.usableInvite(code: invite.code) == nil)
            #expect(await Self.signUpMany(1, with: invite.code, test) == [Self.invalid])
        }
    }

    @Test("nobody invites into a room that they cannot see")
    func foreignRoom() async throws {
        try await TestChat.with { test in
            let mona = try await test.person("mona", role: .moderator)
            let alice = try await test.person("alice")
            let bob = try await test.person("bob")
            let direct = try await test.chat.openDirect(with: [bob.user.id], by: alice).summary.id
            await #expect(throws: ChatError.notFound) {
                try await test.chat.createInvite(rooms: [direct], by: .person(mona))
            }
            await #expect(throws: ChatError.notFound) {
                try await test.chat.createInvite(rooms: [.new(at: test.clock.now)], by: .owner)
            }
            #expect(try await test.chat.invites(by: .owner).isEmpty)
        }
    }

    @Test("without an invite accounts are made only where sign-up is open, and with one not where it is closed")
    func policies() async throws {
        try await TestChat.with { test in
            func signUp(_ name: String, _ policy: ChatPolicy.SignUp, _ code: String?) async throws {
                _ = try await test.chat(signUp: policy).signUp(
                    name: name,
                    password: "password",
                    invite: code,
                    client: ClientInfo()
                )
            }
            await #expect(throws: ChatError.forbidden) { try await signUp("first", .open, nil) }
            _ = try await test.person("root", role: .admin)
            let invite = try await test.chat.createInvite(by: .owner)
            try await signUp("alice", .open, nil)
            try await signUp("bob", .open, invite.code)
            try await signUp("carol", .invite, invite.code)
            await #expect(throws: ChatError.self) { try await signUp("dave", .invite, nil) }
            await #expect(throws: ChatError.forbidden) { try await signUp("dave", .closed, invite.code) }
            #expect(try await test.chat(signUp: .closed).usableInvite(code: invite.code) == nil)
        }
    }

    /// Signs up as many people at once; what each was refused with, nil for who got in.
    private static func signUpMany(_ count: Int, with code: String, _ test: TestChat) async -> [ChatError?] {
        await withTaskGroup(of: ChatError?.self) { group in
            for number in 0..<count {
                group.addTask {
                    do {
                        _ = try await test.chat.signUp(
                            name: "person\(number)",
                            password: "password",
                            invite: code,
                            client: ClientInfo()
                        )
                        return nil
                    } catch {
                        return error as? ChatError ?? .internal
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
