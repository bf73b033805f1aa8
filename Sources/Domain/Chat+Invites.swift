#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AuditEntry.Action {
    package static let inviteCreate = Self("invite.create")
    package static let inviteRevoke = Self("invite.revoke")
    package static let userSignUp = Self("user.sign_up")
}

extension Chat {
    /// Rooms of one invite, at most.
    package static let inviteRoomsMax = 20
    /// Uses of one invite, if they are counted.
    package static let inviteUsesMax: Int64 = 100_000
    /// An invite ends at most this long after it was made, if it ends at all: a year.
    package static let inviteSecondsMax: Int64 = 366 * 86_400

    /// Makes an invite. Its code is shown here and never again. For moderators, admins and the owner of the machine,
    /// who may name public rooms and those in which they are.
    ///
    /// Throws `forbidden`, `invalid` with the field, `notFound` for a room.
    package func createInvite(
        usesMax: Int64? = nil,
        expiresIn seconds: Int64? = nil,
        rooms: [RoomID] = [],
        by actor: Actor
    ) async throws -> IssuedInvite {
        try Operation.createInvite.authorize(actor)
        if let usesMax, !(1...Self.inviteUsesMax).contains(usesMax) {
            throw ChatError.invalid(field: "uses_max", message: "An invite has 1 to \(Self.inviteUsesMax) uses.")
        }
        if let seconds, !(1...Self.inviteSecondsMax).contains(seconds) {
            throw ChatError.invalid(field: "expires_in", message: "An invite ends in 1 second to a year, or never.")
        }
        let rooms = Set(rooms).sorted()
        guard rooms.count <= Self.inviteRoomsMax else {
            throw ChatError.tooLarge(field: "rooms", message: "Name at most \(Self.inviteRoomsMax) rooms.")
        }
        let now = clock.now
        let code = tokens.newToken()
        let invite = Invite(
            id: .new(at: now),
            uses: 0,
            usesMax: usesMax,
            expiresAt: seconds.map { now.addingTimeInterval(TimeInterval($0)) },
            createdBy: actor.user?.id,
            createdAt: now,
            revokedAt: nil,
            rooms: rooms
        )
        let entry = entry(.inviteCreate, invite.id, by: actor, at: now)
        try await invites.insert(invite, codeHash: code.hash, by: actor, entry: entry)
        return IssuedInvite(invite: invite, code: code.secret)
    }

    /// The invites that were not revoked. For moderators, admins and the owner of the machine.
    package func invites(by actor: Actor) async throws -> [Invite] {
        try Operation.listInvites.authorize(actor)
        return try await invites.list()
    }

    /// Ends an invite: from the moment this returns no account is made with it. Throws `forbidden`, `notFound`.
    package func revokeInvite(_ id: InviteID, by actor: Actor) async throws {
        try Operation.revokeInvite.authorize(actor)
        let entry = entry(.inviteRevoke, id, by: actor, at: clock.now)
        guard try await invites.revoke(id, entry: entry) else { throw ChatError.notFound }
    }

    /// The invite with this code, if an account can be made with it; for whoever has the link.
    package func usableInvite(code: String) async throws -> Invite? {
        guard policy.signUp != .closed, let invite = try await invites.find(codeHash: tokens.hash(of: code)),
            invite.isUsable(at: clock.now)
        else { return nil }
        return invite
    }

    /// Makes an account for whoever asks and logs in. The policy says whether that needs an invite.
    ///
    /// Throws `forbidden` when accounts are made by admins only, `invalid` with the field (`invite` when it cannot be
    /// used), `conflict`, field `name`, `banned`, `rateLimited`.
    package func signUp(
        name: String,
        displayName: String? = nil,
        password: String,
        invite code: String? = nil,
        client: ClientInfo
    ) async throws -> SignedIn {
        guard policy.signUp != .closed else { throw ChatError.forbidden }
        try await refuseBanned(client)
        let invalid = ChatError.invalid(field: "invite", message: "This invite is not valid any more.")
        // Every attempt counts, also a good one: accounts are not made by the hundred.
        _ = try throttle.begin(account: nil, address: client.address)
        var detail: [String: String] = [:]
        if let code {
            // Asked first, so that strangers cannot make us hash passwords.
            guard let invite = try await usableInvite(code: code) else { throw invalid }
            detail["invite"] = invite.id.description
        } else if policy.signUp == .invite {
            throw ChatError.invalid(field: "invite", message: "You need an invite to make an account.")
        }
        // The first account is an admin's, and it takes the setup's token.
        guard try await !users.isEmpty() else { throw ChatError.forbidden }
        let new = try await newUser(name: name, displayName: displayName, password: password, role: .member)
        let name = new.name.description
        let entry = AuditEntry(
            id: .new(at: new.createdAt),
            at: new.createdAt,
            actor: .person(new.id, name: name),
            action: .userSignUp,
            subject: .user(new.id, name: name),
            detail: detail,
            address: client.address
        )
        let hash = code.map { tokens.hash(of: $0) }
        guard let user = try await invites.signUp(new, codeHash: hash, entry: entry) else { throw invalid }
        return try await openSession(for: user, client: client)
    }

    private func entry(_ action: AuditEntry.Action, _ id: InviteID, by actor: Actor, at date: Date) -> AuditEntry {
        AuditEntry(
            action,
            of: AuditEntry.Subject(kind: .invite, id: id.description, name: nil),
            by: actor,
            at: date
        )
    }
}
