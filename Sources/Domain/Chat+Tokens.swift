#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension AuditEntry.Action {
    package static let tokenIssue = Self("token.issue")
    package static let tokenRevoke = Self("token.revoke")
}

extension Chat {
    /// Live tokens of one account, at most.
    package static let tokensPerUserMax = 100
    /// A token ends at most this long after it was made, if it ends at all: ten years.
    package static let tokenSecondsMax: TimeInterval = 10 * 366 * 86_400

    /// One's own tokens, the newest first. Throws `forbidden` for a token.
    package func ownTokens(by identity: Identity) async throws -> [Session] {
        try Operation.listOwnTokens.authorize(identity)
        return try await sessions.list(.token, of: identity.user.id, at: clock.now)
    }

    /// Makes a token for oneself. Its secret is shown here and never again.
    ///
    /// Throws `forbidden` for a token, `invalid` with the field, `tooLarge` when there are too many.
    package func issueOwnToken(
        name: String,
        scopes: Set<Scope> = [.chat],
        expiresIn seconds: Int64? = nil,
        by identity: Identity
    ) async throws -> IssuedToken {
        try Operation.issueOwnToken.authorize(identity)
        return try await issue(name, scopes, seconds, for: identity.user, by: .person(identity))
    }

    /// Revokes one of one's own tokens. Throws `notFound`, and `forbidden` for a token.
    package func revokeOwnToken(_ id: SessionID, by identity: Identity) async throws {
        try Operation.revokeOwnToken.authorize(identity)
        try await revoke(id, of: identity.user, by: .person(identity))
    }

    /// Somebody's tokens. For admins and the owner of the machine. Throws `forbidden`, `notFound`.
    package func tokens(of id: UserID, by actor: Actor) async throws -> [Session] {
        try Operation.listTokens.authorize(actor)
        guard try await users.find(id) != nil else { throw ChatError.notFound }
        return try await sessions.list(.token, of: id, at: clock.now)
    }

    /// Makes a token for somebody: an admin for a bot only, which has no other way in, because a token in somebody
    /// else's name would let the admin speak as them; the owner of the machine for anybody.
    ///
    /// Throws `forbidden`, `notFound`, `invalid` with the field, `tooLarge`.
    package func issueToken(
        for id: UserID,
        name: String,
        scopes: Set<Scope> = [.chat],
        expiresIn seconds: Int64? = nil,
        by actor: Actor
    ) async throws -> IssuedToken {
        try Operation.issueToken.authorize(actor)
        guard let user = try await users.find(id), user.deletedAt == nil else { throw ChatError.notFound }
        guard actor.user == nil || user.role == .bot else { throw ChatError.forbidden }
        return try await issue(name, scopes, seconds, for: user, by: actor)
    }

    /// Revokes somebody's token. For admins and the owner of the machine. Throws `forbidden`, `notFound`.
    package func revokeToken(_ id: SessionID, of user: UserID, by actor: Actor) async throws {
        try Operation.revokeToken.authorize(actor)
        guard let user = try await users.find(user) else { throw ChatError.notFound }
        try await revoke(id, of: user, by: actor)
    }

    private func issue(
        _ name: String,
        _ scopes: Set<Scope>,
        _ seconds: Int64?,
        for user: User,
        by actor: Actor
    ) async throws -> IssuedToken {
        let name = try TokenName(name).description
        guard !scopes.isEmpty, scopes.isSubset(of: Scope.ofTokens) else {
            throw ChatError.invalid(field: "scopes", message: "A token has the scope chat, admin, or both.")
        }
        if let seconds, seconds < 1 || TimeInterval(seconds) > Self.tokenSecondsMax {
            throw ChatError.invalid(field: "expires_in", message: "A token ends in 1 second to ten years, or never.")
        }
        let now = clock.now
        guard try await sessions.list(.token, of: user.id, at: now).count < Self.tokensPerUserMax else {
            throw ChatError.tooLarge(
                field: "tokens",
                message: "An account has at most \(Self.tokensPerUserMax) tokens."
            )
        }
        let secret = tokens.newToken()
        let token = Session(
            id: .new(at: now),
            user: user.id,
            kind: .token(name: name, scopes: scopes),
            createdAt: now,
            expiresAt: seconds.map { now.addingTimeInterval(TimeInterval($0)) },
            lastUsedAt: now,
            revokedAt: nil,
            client: ClientInfo()
        )
        let detail = ["user": user.name, "scopes": scopes.map(\.rawValue).sorted().joined(separator: " ")]
        let subject = AuditEntry.Subject(kind: .token, id: token.id.description, name: name)
        let entry = AuditEntry(.tokenIssue, of: subject, by: actor, at: now, detail: detail)
        try await sessions.insert(token, tokenHash: secret.hash, entry: entry)
        return IssuedToken(token: token, secret: secret.secret)
    }

    private func revoke(_ id: SessionID, of user: User, by actor: Actor) async throws {
        let subject = AuditEntry.Subject(kind: .token, id: id.description, name: nil)
        let entry = AuditEntry(.tokenRevoke, of: subject, by: actor, at: clock.now, detail: ["user": user.name])
        guard try await sessions.revoke(id, .token, of: user.id, entry: entry) else { throw ChatError.notFound }
    }
}
