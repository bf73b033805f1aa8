package import Domain

/// An account.
package struct UserView: Encodable, Sendable {
    package var id: String
    package var name: String
    package var display_name: String
    package var role: String
    package var disabled: Bool
    package var deleted: Bool
    package var created_at: String

    package init(_ user: User) {
        id = user.id.description
        name = user.name
        display_name = user.displayName
        role = user.role.rawValue
        disabled = user.disabledAt != nil
        deleted = user.deletedAt != nil
        created_at = WireTime.format(user.createdAt)
    }
}
