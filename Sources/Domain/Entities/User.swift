#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A person or a bot with an account.
package struct User: Hashable, Sendable, Identifiable {
    package let id: UserID
    /// The unique login name, lower case.
    package let name: String
    package let displayName: String
    package let role: Role
    /// Since when the account cannot be used; nil for a live one.
    package let disabledAt: Date?
    package let createdAt: Date

    /// What an account may do in the whole system.
    package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
        case member, moderator, admin, bot
    }

    package init(id: UserID, name: String, displayName: String, role: Role, disabledAt: Date?, createdAt: Date) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.role = role
        self.disabledAt = disabledAt
        self.createdAt = createdAt
    }
}

/// An account about to be stored.
package struct NewUser: Sendable {
    package let id: UserID
    package let name: UserName
    package let displayName: DisplayName
    package let role: User.Role
    /// A PHC string; nil for an account that has no password (a bot).
    package let passwordHash: String?
    package let createdAt: Date

    package init(
        id: UserID,
        name: UserName,
        displayName: DisplayName,
        role: User.Role,
        passwordHash: String?,
        createdAt: Date
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.role = role
        self.passwordHash = passwordHash
        self.createdAt = createdAt
    }
}

/// What login needs to know of an account.
package struct Account: Sendable {
    package let user: User
    package let passwordHash: String?

    package init(user: User, passwordHash: String?) {
        self.user = user
        self.passwordHash = passwordHash
    }
}
