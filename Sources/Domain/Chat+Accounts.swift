extension Chat {
    /// Adds an account, which joins the default rooms. For admins and the owner of the machine.
    ///
    /// An empty display name becomes the name. Throws `invalid` or `conflict` with the field.
    package func addUser(
        name: String,
        displayName: String? = nil,
        password: String,
        role: User.Role = .member,
        by actor: Actor
    ) async throws -> User {
        try actor.requireAdmin()
        return try await users.insert(newUser(name: name, displayName: displayName, password: password, role: role))
    }

    /// Every account, by name.
    package func users(by actor: Actor) async throws -> [User] {
        try await users.list()
    }

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
        let invalid = ChatError.invalid(field: "token", message: "This setup link is not valid any more.")
        // Asked first, so that strangers cannot make a chat in use hash passwords.
        guard try await users.isEmpty() else { throw invalid }
        let user = try await newUser(name: name, displayName: nil, password: password, role: .admin)
        guard let admin = try await users.insertFirst(user, setupTokenHash: tokens.hash(of: token)) else {
            throw invalid
        }
        return try await openSession(for: admin, client: client)
    }

    private func newUser(name: String, displayName: String?, password: String, role: User.Role) async throws -> NewUser
    {
        let name = try UserName(name)
        let shown = if let displayName, !displayName.isEmpty { displayName } else { name.description }
        let displayName = try DisplayName(shown)
        let password = try Password(password)
        let hash = try await passwords.hash(password.secret)
        let now = clock.now
        return NewUser(
            id: .new(at: now),
            name: name,
            displayName: displayName,
            role: role,
            passwordHash: hash,
            createdAt: now
        )
    }
}
