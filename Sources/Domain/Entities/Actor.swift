/// Who a signed-in person is, through which session, and from where.
package struct Identity: Hashable, Sendable {
    package let user: User
    package let session: SessionID
    /// What the session is good for; a login is good for everything.
    package let scopes: Set<Scope>
    /// The address that the request came from, for the audit log and for bans.
    package let address: String?

    package init(
        user: User,
        session: SessionID,
        scopes: Set<Scope> = Set(Scope.allCases),
        address: String? = nil
    ) {
        self.user = user
        self.session = session
        self.scopes = scopes
        self.address = address
    }
}

/// What a session may be used for.
package enum Scope: String, Hashable, Sendable, Codable, CaseIterable {
    /// Reading and writing what the person can see.
    case chat
    /// What the person may do as a moderator or an admin.
    case admin
    /// The person's own password, sessions and tokens. Logins have it, tokens never do: a token that leaked must not
    /// be able to make itself permanent.
    case account

    /// What a token may be given.
    package static let ofTokens: Set<Scope> = [.chat, .admin]
}

/// In whose name a use case runs.
package enum Actor: Hashable, Sendable {
    /// A signed-in person.
    case person(Identity)
    /// Someone who owns the machine, such as `os:alice@host via chatctl`. May do everything.
    case system(name: String)

    /// The user, where the actor is one.
    package var user: User? {
        switch self {
        case .person(let identity): identity.user
        case .system: nil
        }
    }

    /// The address of the client, where there is one.
    package var address: String? {
        switch self {
        case .person(let identity): identity.address
        case .system: nil
        }
    }
}

extension Actor {
    /// Throws `forbidden` for anybody but an admin and the owner of the machine.
    package func requireAdmin() throws {
        try requireRole([.admin])
    }

    /// Throws `forbidden` for anybody but a moderator, an admin and the owner of the machine.
    package func requireModerator() throws {
        try requireRole([.moderator, .admin])
    }

    private func requireRole(_ roles: Set<User.Role>) throws {
        switch self {
        case .system: return
        case .person(let identity):
            guard roles.contains(identity.user.role), identity.scopes.contains(.admin) else {
                throw ChatError.forbidden
            }
        }
    }
}
