import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Who may do what")
struct AuthorizationTests {
    @Test("every operation does for everybody what the table says", arguments: Principal.allCases)
    func table(principal: Principal) async throws {
        try await TestChat.with { test in
            for operation in Domain.Operation.allCases {
                // Operations change what they work on, so each gets a scene of its own.
                let scene = try await Scene(test)
                let ruling = try await scene.ruling(on: operation, by: principal)
                #expect(ruling == operation.rule.ruling(for: principal), "\(operation) by \(principal)")
            }
        }
    }
}

/// A room with everybody who can ask, and one thing of each kind that can be asked for.
private struct Scene {
    let chat: Chat
    let people: [Principal: Identity]
    let secrets: [Principal: String]
    let room: RoomID
    let publicRoom: RoomID
    /// A member of the room, and the place of what they said there.
    let guest: Identity
    let spoken: Int64
    /// An image in the room.
    let picture: AttachmentID
    let victim: User
    let bot: User
    let token: SessionID
    let invite: InviteID
    let ban: BanID
    let webhook: WebhookID

    init(_ test: TestChat) async throws {
        chat = test.chat
        let suffix = String(UserID.new(at: test.clock.now).description.suffix(12))
        var people: [Principal: Identity] = [:]
        var secrets: [Principal: String] = [:]
        for principal in Principal.allCases {
            let name = "\(principal)-\(suffix)"
            if principal == .bot {
                let user = try await chat.addUser(name: name, password: nil, role: .bot, by: .owner)
                let token = try await chat.issueToken(for: user.id, name: "bot", scopes: Scope.ofTokens, by: .owner)
                secrets[principal] = token.secret
            } else {
                _ = try await chat.addUser(name: name, password: "password", role: principal.role, by: .owner)
                secrets[principal] = try await chat.logIn(name: name, password: "password", client: ClientInfo()).secret
            }
            people[principal] = try await chat.authenticate(secret: secrets[principal]!)
        }
        self.people = people
        self.secrets = secrets
        let owner = try await test.person("owner-\(suffix)")
        guest = try await test.person("guest-\(suffix)")
        // A direct room with everybody in it would be too large, so those in question share a private one.
        room = try await test.privateRoom(
            "r-\(suffix)",
            owner,
            [Principal.member, .moderator, .admin, .bot].map { people[$0]! } + [guest]
        )
        spoken = try await test.say("hello", in: room, by: guest).message.seq
        picture = try await test.upload(to: room, by: guest).id
        _ = try await test.say("", in: room, with: [picture], by: guest)
        publicRoom = try await test.room("p-\(suffix)", owner)
        _ = try await test.privateRoom("o-\(suffix)", owner, [people[.otherRoomMember]!])
        victim = try await chat.addUser(name: "victim-\(suffix)", password: "password", by: .owner)
        bot = try await chat.addUser(name: "robo-\(suffix)", password: nil, role: .bot, by: .owner)
        token = try await chat.issueToken(for: victim.id, name: "token", by: .owner).token.id
        invite = try await chat.createInvite(by: .owner).invite.id
        let banned = try await chat.addUser(name: "banned-\(suffix)", password: "password", by: .owner)
        ban = try await chat.ban(.user(banned.id), reason: "", by: .owner).id
        webhook = try await chat.createWebhook(url: "https://hooks.example", rooms: [room], by: .owner).webhook.id
        let off = people[.disabled]!.user.id
        _ = try await chat.updateUser(off, UserChange(isDisabled: true), by: .owner)
    }

    func ruling(on operation: Domain.Operation, by principal: Principal) async throws -> Ruling {
        do {
            // As every request does: whoever is not let in cannot ask at all.
            let identity = try await chat.authenticate(secret: secrets[principal]!)
            try await perform(operation, identity)
            return .allowed
        } catch ChatError.forbidden {
            return .forbidden
        } catch ChatError.notFound {
            return .notFound
        } catch ChatError.unauthenticated {
            return .unauthenticated
        }
    }

    /// Does it once. A new operation has no case here, and then this does not compile.
    private func perform(_ operation: Domain.Operation, _ me: Identity) async throws {
        let actor = Actor.person(me)
        switch operation {
        case .listUsers: _ = try await chat.users(by: actor)
        case .showUser: _ = try await chat.user(victim.id, by: actor)
        case .updateOwnProfile: _ = try await chat.setDisplayName("New", by: me)
        case .addUser: _ = try await chat.addUser(name: "new-\(me.user.name)", password: nil, by: actor)
        case .updateUser: _ = try await chat.updateUser(victim.id, UserChange(role: .moderator), by: actor)
        case .deleteUser: _ = try await chat.deleteUser(victim.id, by: actor)
        case .resetPassword: _ = try await chat.resetPassword(of: victim.id, to: "password2", by: actor)

        case .changePassword: _ = try await chat.changePassword(from: "password", to: "password2", by: me)
        case .listOwnSessions: _ = try await chat.ownSessions(by: me)
        case .revokeOwnSession: try await chat.revokeOwnSession(me.session, by: me)
        case .revokeOtherSessions: _ = try await chat.revokeOtherSessions(by: me)
        case .listOwnTokens: _ = try await chat.ownTokens(by: me)
        case .issueOwnToken: _ = try await chat.issueOwnToken(name: "mine", by: me)
        case .revokeOwnToken:
            // Made in the owner's name, so that a bot has one to revoke.
            let own = try await chat.issueToken(for: me.user.id, name: "own", by: .owner)
            try await chat.revokeOwnToken(own.token.id, by: me)

        case .listSessions: _ = try await chat.sessions(of: victim.id, by: actor)
        case .revokeSessions: _ = try await chat.revokeSessions(of: victim.id, by: actor)
        case .listTokens: _ = try await chat.tokens(of: victim.id, by: actor)
        case .issueToken: _ = try await chat.issueToken(for: bot.id, name: "new", by: actor)
        case .revokeToken: try await chat.revokeToken(token, of: victim.id, by: actor)
        case .listInvites: _ = try await chat.invites(by: actor)
        case .createInvite: _ = try await chat.createInvite(by: actor)
        case .revokeInvite: try await chat.revokeInvite(invite, by: actor)
        case .listBans: _ = try await chat.bans(by: actor)
        case .ban: _ = try await chat.ban(.user(victim.id), reason: "", by: actor)
        case .liftBan: _ = try await chat.liftBan(ban, by: actor)
        case .readAudit: _ = try await chat.audit(by: actor)
        case .listWebhooks: _ = try await chat.webhooks(by: actor)
        case .createWebhook:
            _ = try await chat.createWebhook(url: "https://hooks.example", rooms: [room], by: actor)
        case .testWebhook: _ = try await chat.testWebhook(webhook, with: TakingReceiver(), by: actor)
        case .deleteWebhook: _ = try await chat.deleteWebhook(webhook, by: actor)

        case .createRoom: _ = try await chat.createRoom(name: "n-\(me.user.name.suffix(12))", by: actor)
        case .listRooms: _ = try await chat.rooms(by: actor)
        case .showRoom: _ = try await chat.room(room, by: me)
        case .listMembers: _ = try await chat.members(of: room, by: me)
        case .joinRoom: _ = try await chat.join(publicRoom, by: me)
        case .leaveRoom: _ = try await chat.leave(publicRoom, by: me)
        case .updateRoom: _ = try await chat.updateRoom(room, topic: "New", by: actor)
        case .archiveRoom: _ = try await chat.archive(room, by: actor)
        case .restoreRoom: _ = try await chat.restore(room, by: actor)
        case .inviteToRoom: _ = try await chat.invite([victim.id], to: room, by: actor)
        case .kickMember: _ = try await chat.kick(guest.user.id, from: room, by: actor)
        case .setMemberRole: _ = try await chat.setRole(.moderator, of: guest.user.id, in: room, by: actor)
        case .muteMember: _ = try await chat.mute(guest.user.id, in: room, until: .distantFuture, by: actor)
        case .setNotifyLevel: _ = try await chat.setNotifyLevel(.mentions, in: room, by: me)
        case .openDirect: _ = try await chat.openDirect(with: [victim.id], by: me)

        case .sendMessage: _ = try await chat.send(Draft(room: room, clientID: "id", body: "hello"), by: me)
        case .listMessages: _ = try await chat.messages(in: room, by: me)
        case .syncRoom: _ = try await chat.changes(in: room, since: 0, by: me)
        case .syncSession: _ = try await chat.sync(have: [room: 0], by: me)
        case .markRead: _ = try await chat.markRead(room, upTo: 1, by: me)
        case .markUnread: _ = try await chat.markUnread(room, from: 1, by: me)
        case .showMessage: _ = try await chat.message(1, in: room, by: me)
        case .listVersions: _ = try await chat.versions(of: spoken, in: room, by: me)
        case .editMessage: _ = try await chat.edit(try await ownMessage(me), in: room, body: "new", by: me)
        case .deleteMessage: _ = try await chat.delete(try await ownMessage(me), in: room, by: me)
        case .react: _ = try await chat.react(to: spoken, in: room, with: "👍", adding: true, by: me)
        case .watchPresence: _ = try await chat.acquainted([victim.id], by: me)
        case .searchMessages: _ = try await chat.search("hello", by: me)
        case .uploadAttachment:
            _ = try await chat.upload(TestImage.png, named: "a.png", clientID: "image", to: room, by: me)
        case .showAttachment: _ = try await chat.attachment(picture, by: me)
        }
    }
}

extension Scene {
    /// Something of one's own to change; whoever is outside has nothing there.
    private func ownMessage(_ me: Identity) async throws -> Int64 {
        try await chat.send(Draft(room: room, clientID: "own", body: "mine"), by: me).message.seq
    }
}

extension Principal {
    fileprivate var role: User.Role {
        switch self {
        case .stranger, .member, .otherRoomMember, .disabled: .member
        case .moderator: .moderator
        case .admin: .admin
        case .bot: .bot
        }
    }
}

extension TestChat {
    /// A private room of these people.
    fileprivate func privateRoom(_ name: String, _ owner: Identity, _ others: [Identity]) async throws -> RoomID {
        let room = try await room(name, owner)
        for person in others { _ = try await chat.join(room, by: person) }
        try await database.write { _ = try $0.run("UPDATE rooms SET kind = 'private' WHERE id = \(room)") }
        return room
    }
}
