package import Domain

/// A log-in.
package struct SessionView: Encodable, Sendable {
    package var id: String
    package var created_at: String
    package var last_used_at: String
    package var expires_at: String?
    package var address: String?
    package var user_agent: String?
    /// Whether it is the one that asks, where somebody does.
    package var current: Bool?

    package init(_ session: Session, current: SessionID? = nil) {
        id = session.id.description
        created_at = WireTime.format(session.createdAt)
        last_used_at = WireTime.format(session.lastUsedAt)
        expires_at = session.expiresAt.map(WireTime.format)
        address = session.client.address
        user_agent = session.client.userAgent
        self.current = current.map { $0 == session.id }
    }
}
