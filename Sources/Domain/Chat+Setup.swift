extension Chat {
    /// Whether nobody has an account yet.
    package func needsSetup() async throws -> Bool {
        try await users.isEmpty()
    }

    /// A one-time secret that makes the first admin; an older one loses its power. Throws `conflict` once an account
    /// exists.
    package func issueSetupToken() async throws -> String {
        let token = tokens.newToken()
        guard try await users.replaceSetupToken(hash: token.hash, at: clock.now) else {
            throw ChatError.conflict(field: "setup", message: "The chat is set up already.")
        }
        return token.secret
    }

    /// Makes the first admin and logs in. Throws `invalid`, field `token`, when the token is not the valid one.
    package func setUp(token: String, name: String, password: String, client: ClientInfo) async throws -> SignedIn {
        try await refuseBanned(client)
        let invalid = ChatError.invalid(field: "token", message: "This setup link is not valid any more.")
        // Asked first, so that strangers cannot make a chat in use hash passwords.
        guard try await users.isEmpty() else { throw invalid }
        let user = try await newUser(name: name, displayName: nil, password: password, role: .admin)
        let entry = AuditEntry(
            .userAdd,
            of: .user(user.id, name: user.name.description),
            by: .setUp,
            at: user.createdAt
        )
        let hash = tokens.hash(of: token)
        guard let admin = try await users.insertFirst(user, setupTokenHash: hash, entry: entry) else { throw invalid }
        return try await openSession(for: admin, client: client)
    }
}

extension Actor {
    /// Whoever has the link that the first start prints.
    fileprivate static let setUp = Actor.system(name: "setup")
}
