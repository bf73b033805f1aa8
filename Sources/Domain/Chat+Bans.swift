#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension AuditEntry.Action {
    package static let banAdd = Self("ban.add")
    package static let banLift = Self("ban.lift")
}

extension Chat {
    /// Keeps a user or a range of addresses out. For moderators, admins and the owner of the machine. Admins are not
    /// banned but demoted first, so that no moderator can take over the chat and no two admins ban each other.
    ///
    /// Throws `forbidden`, `notFound` for a user, `invalid` with the field.
    package func ban(
        _ subject: Ban.Subject,
        until: Date? = nil,
        reason: String,
        by actor: Actor
    ) async throws -> Ban {
        try Operation.ban.authorize(actor)
        let reason = try BanReason(reason).description
        let now = clock.now
        if let until, until <= now {
            throw ChatError.invalid(field: "until", message: "A ban ends in the future.")
        }
        let name = try await checkBannable(subject, by: actor)
        let ban = Ban(
            id: .new(at: now),
            subject: subject,
            until: until?.wholeMilliseconds,
            reason: reason,
            createdBy: actor.user?.id,
            createdAt: now,
            liftedAt: nil
        )
        var detail = ["reason": reason]
        if let until { detail["until"] = until.formatted(.iso8601) }
        let audited = AuditEntry.Subject(kind: .ban, id: ban.id.description, name: name)
        let entry = AuditEntry(.banAdd, of: audited, by: actor, at: now, detail: detail)
        try await bans.insert(ban, entry: entry)
        return ban
    }

    /// The bans that hold. For moderators, admins and the owner of the machine.
    package func bans(by actor: Actor) async throws -> [Ban] {
        try Operation.listBans.authorize(actor)
        return try await bans.list(at: clock.now)
    }

    /// Ends a ban. Throws `forbidden`, `notFound` when it does not hold.
    package func liftBan(_ id: BanID, by actor: Actor) async throws -> Ban {
        try Operation.liftBan.authorize(actor)
        guard let ban = try await bans.lift(id, by: actor, at: clock.now) else { throw ChatError.notFound }
        return ban
    }

    /// Throws `banned` for an address that is kept out.
    func refuseBanned(_ client: ClientInfo) async throws {
        guard let address = client.address else { return }
        if let ban = try await bans.find(address: address, at: clock.now) { throw ChatError.banned(ban) }
    }

    /// How the log calls the subject.
    private func checkBannable(_ subject: Ban.Subject, by actor: Actor) async throws -> String {
        switch subject {
        case .user(let id):
            guard let user = try await users.find(id), user.deletedAt == nil else { throw ChatError.notFound }
            guard user.role != .admin, actor.user?.id != id else {
                throw ChatError.invalid(field: "user", message: "Neither admins nor oneself can be banned.")
            }
            return user.name
        case .address(let range):
            if let own = actor.address.flatMap({ IPAddress($0) }), range.contains(own) {
                throw ChatError.invalid(field: "address", message: "You would ban yourself.")
            }
            return range.description
        }
    }
}
