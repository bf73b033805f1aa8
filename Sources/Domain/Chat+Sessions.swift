#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Chat {
    /// The hash of a password that nobody knows. An unknown name is checked against it, so that it takes as long as a
    /// known one; its parameters must be those of the hashes that we store.
    package static let dummyPasswordHash =
        "$argon2id$v=19$m=19456,t=2,p=1$Y2hhdCBkdW1teSBzYWx0$DEUbHJoLVHIeDkE2a0tSJg3L8pVLn2+zR5D0m0YFqLI"

    /// Opens a session. Throws `wrongCredentials` for an unknown name, a wrong password, a disabled account and one
    /// without a password alike, after the same work.
    package func logIn(name: String, password: String, client: ClientInfo) async throws -> SignedIn {
        let account: Account? =
            if let name = try? UserName(name) { try await users.account(named: name) } else { nil }
        // A password over the limit was never set by anybody; hashing megabytes would be a gift to an attacker.
        let candidate = password.utf8.count <= Password.bytesMax ? password : ""
        let matches = try await passwords.verify(candidate, against: account?.passwordHash ?? Self.dummyPasswordHash)
        guard let account, account.passwordHash != nil, matches, account.user.disabledAt == nil else {
            throw ChatError.wrongCredentials
        }
        return try await openSession(for: account.user, client: client)
    }

    /// Who holds this secret. Throws `unauthenticated` when it is unknown, expired, revoked or of a disabled account.
    package func authenticate(secret: String) async throws -> Identity {
        guard let found = try await sessions.find(tokenHash: tokens.hash(of: secret)) else {
            throw ChatError.unauthenticated
        }
        let now = clock.now
        guard found.session.isLive(at: now), found.user.disabledAt == nil else { throw ChatError.unauthenticated }
        if found.session.needsTouch(at: now) {
            try await sessions.touch(found.session.id, at: now)
        }
        return Identity(user: found.user, session: found.session.id)
    }

    /// Ends the session of this identity.
    package func logOut(_ identity: Identity) async throws {
        try await sessions.revoke(identity.session, of: identity.user.id, at: clock.now)
    }

    func openSession(for user: User, client: ClientInfo) async throws -> SignedIn {
        let token = tokens.newToken()
        let now = clock.now
        let session = Session(
            id: .new(at: now),
            user: user.id,
            createdAt: now,
            expiresAt: now.addingTimeInterval(Session.lifetimeSeconds),
            lastUsedAt: now,
            revokedAt: nil,
            client: client
        )
        try await sessions.insert(session, tokenHash: token.hash)
        return SignedIn(user: user, session: session.id, secret: token.secret)
    }
}
