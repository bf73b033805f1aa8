#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One login of one user on one device, or a token that a program holds.
package struct Session: Hashable, Sendable, Identifiable {
    package let id: SessionID
    package let user: UserID
    package let kind: Kind
    package let createdAt: Date
    /// The end that nothing moves; nil for a token without one.
    package let expiresAt: Date?
    package let lastUsedAt: Date
    package let revokedAt: Date?
    package let client: ClientInfo

    package enum Kind: Hashable, Sendable {
        case login
        case token(name: String, scopes: Set<Scope>)
    }

    package init(
        id: SessionID,
        user: UserID,
        kind: Kind,
        createdAt: Date,
        expiresAt: Date?,
        lastUsedAt: Date,
        revokedAt: Date?,
        client: ClientInfo
    ) {
        self.id = id
        self.user = user
        self.kind = kind
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
        self.client = client
    }
}

extension Session {
    /// A login ends after this time, used or not: 90 days.
    package static let lifetimeSeconds: TimeInterval = 90 * 86_400
    /// A login ends when it was not used for this time: 30 days.
    package static let idleSecondsMax: TimeInterval = 30 * 86_400
    /// Use is written down at most this often, so that reading does not become writing: an hour.
    package static let touchIntervalSeconds: TimeInterval = 3_600

    /// Whether the session still counts at `now`.
    package func isLive(at now: Date) -> Bool {
        guard revokedAt == nil, expiresAt.map({ now < $0 }) ?? true else { return false }
        return switch kind {
        case .login: now.timeIntervalSince(lastUsedAt) < Self.idleSecondsMax
        case .token: true
        }
    }

    /// What it may be used for.
    package var scopes: Set<Scope> {
        switch kind {
        case .login: Set(Scope.allCases)
        case .token(_, let scopes): scopes
        }
    }

    /// Whether its use should be written down again.
    package func needsTouch(at now: Date) -> Bool {
        now.timeIntervalSince(lastUsedAt) >= Self.touchIntervalSeconds
    }
}

/// Where a session was opened, as far as we know; shown to its owner, never trusted.
package struct ClientInfo: Hashable, Sendable {
    package let address: String?
    package let userAgent: String?

    /// Text that is too long is cut: 64 characters of address, 256 of user agent.
    package init(address: String? = nil, userAgent: String? = nil) {
        self.address = address.map { ClientInfo.clean($0, lengthMax: 64) }
        self.userAgent = userAgent.map { ClientInfo.clean($0, lengthMax: 256) }
    }

    private static func clean(_ text: String, lengthMax: Int) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { !$0.isControl }.prefix(lengthMax)))
    }
}

/// The answer to a login. The secrets are shown once; only their hashes are stored.
package struct SignedIn: Sendable {
    package let user: User
    package let session: SessionID
    package let secret: String
    /// What the browser keeps to be known the next time; nil when it is known already.
    package let device: String?

    package init(user: User, session: SessionID, secret: String, device: String? = nil) {
        self.user = user
        self.session = session
        self.secret = secret
        self.device = device
    }

    /// The identity that the secret stands for.
    package var identity: Identity { Identity(user: user, session: session) }
}

/// A token and its secret, which is shown once.
package struct IssuedToken: Sendable {
    package let token: Session
    package let secret: String

    package init(token: Session, secret: String) {
        self.token = token
        self.secret = secret
    }
}

/// What a secret leads to.
package struct FoundSession: Sendable {
    package let session: Session
    package let user: User
    /// What keeps the user, or everybody at their address, out.
    package let ban: Ban?

    package init(session: Session, user: User, ban: Ban?) {
        self.session = session
        self.user = user
        self.ban = ban
    }
}

/// Why a socket has to go.
package enum SessionEnd: Hashable, Sendable {
    /// The session would not be let in any more.
    case over
    /// The session is good, but the account has another role than the socket knows.
    case outdated
}

/// What a socket was connected with, to be compared with how things are now.
package struct LiveSession: Hashable, Sendable {
    package let session: SessionID
    package let role: User.Role
    package let address: String?

    package init(session: SessionID, role: User.Role, address: String?) {
        self.session = session
        self.role = role
        self.address = address
    }
}
