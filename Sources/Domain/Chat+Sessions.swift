#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AuditEntry.Action {
    package static let sessionBegin = Self("session.begin")
    package static let sessionEnd = Self("session.end")
    package static let sessionsEnd = Self("session.end_all")
}

extension Chat {
    /// The hash of a password that nobody knows. An unknown name is checked against it, so that it takes as long as a
    /// known one; its parameters must be those of the hashes that we store.
    package static let dummyPasswordHash =
        "$argon2id$v=19$m=19456,t=2,p=1$Y2hhdCBkdW1teSBzYWx0$DEUbHJoLVHIeDkE2a0tSJg3L8pVLn2+zR5D0m0YFqLI"

    /// Opens a session. `device` is the secret that an earlier login left in this browser.
    ///
    /// Throws `wrongCredentials` for an unknown name, a wrong password, a disabled account and one without a password
    /// alike, after the same work; `banned` for an address, and for a user only after the right password;
    /// `rateLimited` when there were too many failures.
    package func logIn(
        name: String,
        password: String,
        client: ClientInfo,
        device: String? = nil
    ) async throws -> SignedIn {
        try await refuseBanned(client)
        let deviceHash = device.map { tokens.hash(of: $0) }
        let name = try? UserName(name)
        let account: Account? = if let name { try await users.account(named: name, device: deviceHash) } else { nil }
        let isKnown = account?.knowsDevice ?? false
        let attempt = try throttle.begin(
            account: name?.description ?? "",
            address: client.address,
            device: isKnown ? deviceHash : nil
        )
        let matches = try await verify(password, against: account?.passwordHash ?? Self.dummyPasswordHash, attempt)
        guard let account, account.passwordHash != nil, matches, account.user.disabledAt == nil else {
            throw ChatError.wrongCredentials
        }
        attempt.takeBack()
        if let ban = try await bans.find(user: account.user.id, at: clock.now) { throw ChatError.banned(ban) }
        let newDevice = isKnown ? nil : tokens.newToken()
        if let seen = newDevice?.hash ?? deviceHash {
            try await users.remember(device: seen, of: account.user.id, at: clock.now)
        }
        return try await openSession(for: account.user, client: client, device: newDevice?.secret)
    }

    /// Who holds this secret, a session's or a token's.
    ///
    /// Throws `unauthenticated` when it is unknown, expired, revoked or of a disabled account, and `banned`.
    package func authenticate(secret: String, address: String? = nil) async throws -> Identity {
        let now = clock.now
        let hash = tokens.hash(of: secret)
        guard let found = try await sessions.find(tokenHash: hash, address: address, at: now),
            found.session.isLive(at: now), found.user.disabledAt == nil
        else { throw ChatError.unauthenticated }
        if let ban = found.ban { throw ChatError.banned(ban) }
        if found.session.needsTouch(at: now) {
            try await sessions.touch([found.session.id], at: now)
        }
        return Identity(
            user: found.user,
            session: found.session.id,
            scopes: found.session.scopes,
            address: address
        )
    }

    /// Ends the session of this identity; a token too, which thereby revokes itself.
    package func logOut(_ identity: Identity) async throws {
        let kind: SessionListKind = identity.scopes.contains(.account) ? .login : .token
        _ = try await sessions.revoke(
            identity.session,
            kind,
            of: identity.user.id,
            entry: entry(.sessionEnd, identity.session, of: identity.user, by: .person(identity))
        )
    }

    /// One's own logins, the newest first. Throws `forbidden` for a token.
    package func ownSessions(by identity: Identity) async throws -> [Session] {
        try Operation.listOwnSessions.authorize(identity)
        return try await sessions.list(.login, of: identity.user.id, at: clock.now)
    }

    /// Ends one of one's own logins. Throws `notFound`, and `forbidden` for a token.
    package func revokeOwnSession(_ id: SessionID, by identity: Identity) async throws {
        try Operation.revokeOwnSession.authorize(identity)
        let entry = entry(.sessionEnd, id, of: identity.user, by: .person(identity))
        guard try await sessions.revoke(id, .login, of: identity.user.id, entry: entry) else {
            throw ChatError.notFound
        }
    }

    /// Ends all one's own logins but the one that asks; gives the ended ones. Throws `forbidden` for a token.
    package func revokeOtherSessions(by identity: Identity) async throws -> [SessionID] {
        try Operation.revokeOtherSessions.authorize(identity)
        let me = AuditEntry.Subject.user(identity.user.id, name: identity.user.name)
        return try await sessions.revokeLogins(
            of: identity.user.id,
            except: identity.session,
            entry: AuditEntry(.sessionsEnd, of: me, by: .person(identity), at: clock.now)
        )
    }

    /// Somebody's logins. For admins and the owner of the machine. Throws `forbidden`, `notFound`.
    package func sessions(of id: UserID, by actor: Actor) async throws -> [Session] {
        try Operation.listSessions.authorize(actor)
        guard try await users.find(id) != nil else { throw ChatError.notFound }
        return try await sessions.list(.login, of: id, at: clock.now)
    }

    /// Ends all of somebody's logins; gives the ended ones. For admins and the owner of the machine. Throws
    /// `forbidden`, `notFound`.
    package func revokeSessions(of id: UserID, by actor: Actor) async throws -> [SessionID] {
        try Operation.revokeSessions.authorize(actor)
        guard let user = try await users.find(id) else { throw ChatError.notFound }
        return try await sessions.revokeLogins(
            of: id,
            except: nil,
            entry: AuditEntry(.sessionsEnd, of: .user(id, name: user.name), by: actor, at: clock.now)
        )
    }

    /// Of the sessions that sockets were connected with, those that would not be let in any more: ended, disabled,
    /// banned, or of another role than the socket knows.
    package func ended(of live: [LiveSession]) async throws -> [LiveSession: SessionEnd] {
        guard !live.isEmpty else { return [:] }
        return try await sessions.ended(of: live, at: clock.now)
    }

    /// Whoever is connected uses their session, however long ago they came: it does not end as an idle one.
    package func countAsUsed(_ connected: some Sequence<SessionID>) async throws {
        let ids = Set(connected)
        if !ids.isEmpty { try await sessions.touch(Array(ids), at: clock.now) }
    }

    func openSession(for user: User, client: ClientInfo, device: String? = nil) async throws -> SignedIn {
        let token = tokens.newToken()
        let now = clock.now
        let session = Session(
            id: .new(at: now),
            user: user.id,
            kind: .login,
            createdAt: now,
            expiresAt: now.addingTimeInterval(Session.lifetimeSeconds),
            lastUsedAt: now,
            revokedAt: nil,
            client: client
        )
        let identity = Identity(user: user, session: session.id, address: client.address)
        try await sessions.insert(
            session,
            tokenHash: token.hash,
            entry: entry(.sessionBegin, session.id, of: user, by: .person(identity))
        )
        return SignedIn(user: user, session: session.id, secret: token.secret, device: device)
    }

    private func entry(
        _ action: AuditEntry.Action,
        _ session: SessionID,
        of user: User,
        by actor: Actor
    ) -> AuditEntry {
        let subject = AuditEntry.Subject(kind: .session, id: session.description, name: user.name)
        return AuditEntry(action, of: subject, by: actor, at: clock.now)
    }
}
