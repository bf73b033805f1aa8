#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One login of one user on one device.
package struct Session: Hashable, Sendable, Identifiable {
    package let id: SessionID
    package let user: UserID
    package let createdAt: Date
    /// The end that nothing moves.
    package let expiresAt: Date
    package let lastUsedAt: Date
    package let revokedAt: Date?
    package let client: ClientInfo

    package init(
        id: SessionID,
        user: UserID,
        createdAt: Date,
        expiresAt: Date,
        lastUsedAt: Date,
        revokedAt: Date?,
        client: ClientInfo
    ) {
        self.id = id
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
        self.client = client
    }
}

extension Session {
    /// A session ends after this time, used or not: 90 days.
    package static let lifetimeSeconds: TimeInterval = 90 * 86_400
    /// A session ends when it was not used for this time: 30 days.
    package static let idleSecondsMax: TimeInterval = 30 * 86_400
    /// Use is written down at most this often, so that reading does not become writing: an hour.
    package static let touchIntervalSeconds: TimeInterval = 3_600

    /// Whether the session still counts at `now`.
    package func isLive(at now: Date) -> Bool {
        revokedAt == nil && now < expiresAt && now.timeIntervalSince(lastUsedAt) < Self.idleSecondsMax
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

/// The answer to a login. The secret is shown once; only its hash is stored.
package struct SignedIn: Sendable {
    package let user: User
    package let session: SessionID
    package let secret: String

    package init(user: User, session: SessionID, secret: String) {
        self.user = user
        self.session = session
        self.secret = secret
    }

    /// The identity that the secret stands for.
    package var identity: Identity { Identity(user: user, session: session) }
}
