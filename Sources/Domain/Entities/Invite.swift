#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A link with which people make accounts of their own.
package struct Invite: Hashable, Sendable, Identifiable {
    package let id: InviteID
    /// How many accounts were made with it.
    package let uses: Int64
    /// How many may be made; nil for any number.
    package let usesMax: Int64?
    package let expiresAt: Date?
    /// Nil when the owner of the machine made it.
    package let createdBy: UserID?
    package let createdAt: Date
    package let revokedAt: Date?
    /// What new people join beside the default rooms.
    package let rooms: [RoomID]

    package init(
        id: InviteID,
        uses: Int64,
        usesMax: Int64?,
        expiresAt: Date?,
        createdBy: UserID?,
        createdAt: Date,
        revokedAt: Date?,
        rooms: [RoomID]
    ) {
        self.id = id
        self.uses = uses
        self.usesMax = usesMax
        self.expiresAt = expiresAt
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.revokedAt = revokedAt
        self.rooms = rooms
    }
}

extension Invite {
    /// Whether an account can be made with it at `now`.
    package func isUsable(at now: Date) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } ?? true && usesMax.map { uses < $0 } ?? true
    }
}

package typealias InviteID = Identifier<Invite>

/// An invite and its code, which is shown once.
package struct IssuedInvite: Sendable {
    package let invite: Invite
    package let code: String

    package init(invite: Invite, code: String) {
        self.invite = invite
        self.code = code
    }
}
