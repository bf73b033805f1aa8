package import Domain

/// A token of a program.
package struct TokenView: Encodable, Sendable {
    package var id: String
    package var name: String
    package var scopes: [String]
    package var user: String
    package var created_at: String
    package var last_used_at: String
    package var expires_at: String?
    package var revoked_at: String?

    package init(_ token: Session) {
        id = token.id.description
        switch token.kind {
        case .login: (name, scopes) = ("", [])
        case .token(let given, let granted): (name, scopes) = (given, granted.map(\.rawValue).sorted())
        }
        user = token.user.description
        created_at = WireTime.format(token.createdAt)
        last_used_at = WireTime.format(token.lastUsedAt)
        expires_at = token.expiresAt.map(WireTime.format)
        revoked_at = token.revokedAt.map(WireTime.format)
    }
}
