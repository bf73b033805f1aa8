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
    /// Since when there is nobody behind the account any more; its messages stay.
    package let deletedAt: Date?

    /// What an account may do in the whole system.
    package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
        case member, moderator, admin, bot
    }

    package init(
        id: UserID,
        name: String,
        displayName: String,
        role: Role,
        disabledAt: Date?,
        createdAt: Date,
        deletedAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.role = role
        self.disabledAt = disabledAt
        self.createdAt = createdAt
        self.deletedAt = deletedAt
    }
}

extension User {
    /// Names that only deleted accounts have; nobody can take the next one's name away.
    package static let deletedNamePrefix = "deleted-"
    /// How a deleted account is shown.
    package static let deletedDisplayName = "Deleted user"
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

/// What is asked for with one account of many that are added together.
package struct AccountDraft: Sendable {
    package let name: String
    /// The name when it is missing or empty.
    package let displayName: String?
    /// Nil for an account that cannot be logged in to, such as a bot's.
    package let password: String?
    package let role: User.Role
    /// The rooms that it joins beside the default ones.
    package let rooms: [RoomID]

    package init(name: String, displayName: String?, password: String?, role: User.Role, rooms: [RoomID] = []) {
        self.name = name
        self.displayName = displayName
        self.password = password
        self.role = role
        self.rooms = rooms
    }
}

/// An account about to be stored, where it goes, and what the audit log tells of it.
package struct NewAccount: Sendable {
    package let user: NewUser
    /// The rooms that it joins beside the default ones.
    package let rooms: [RoomID]
    package let entry: AuditEntry

    package init(user: NewUser, rooms: [RoomID] = [], entry: AuditEntry) {
        self.user = user
        self.rooms = rooms
        self.entry = entry
    }
}

/// An account that was stored.
package struct AddedAccount: Sendable {
    package let user: User
    /// What the sequences of its rooms tell of it.
    package let joined: [Message]

    package init(user: User, joined: [Message]) {
        self.user = user
        self.joined = joined
    }
}

/// What login needs to know of an account.
package struct Account: Sendable {
    package let user: User
    package let passwordHash: String?
    /// Whether the person logged in before in the browser that asks.
    package let knowsDevice: Bool

    package init(user: User, passwordHash: String?, knowsDevice: Bool = false) {
        self.user = user
        self.passwordHash = passwordHash
        self.knowsDevice = knowsDevice
    }
}

/// What changes of an account; what is nil stays.
package struct UserChange: Hashable, Sendable {
    package var name: UserName?
    package var displayName: DisplayName?
    package var role: User.Role?
    package var isDisabled: Bool?

    package init(
        name: UserName? = nil,
        displayName: DisplayName? = nil,
        role: User.Role? = nil,
        isDisabled: Bool? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.role = role
        self.isDisabled = isDisabled
    }
}

/// What came of a change.
package struct UserUpdate: Sendable {
    package let before: User
    package let after: User

    package init(before: User, after: User) {
        self.before = before
        self.after = after
    }

    /// The sockets of the account stand for something that is no longer true.
    package var outdatesSockets: Bool { before.role != after.role || after.disabledAt != nil }
}

/// An account that is no more.
package struct UserDeletion: Sendable {
    package let user: User
    /// What the rooms' sequences tell of it.
    package let left: [Message]

    package init(user: User, left: [Message]) {
        self.user = user
        self.left = left
    }
}
