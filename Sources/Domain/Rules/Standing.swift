#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What someone is in a room at the moment of an act. Read under the lock of the room's row, so that it holds until the
/// act is committed.
package struct Standing: Sendable {
    package let room: Room
    /// Nil for someone who is no member.
    package let role: RoomRole?
    package let mutedUntil: Date?
    /// What the account may do everywhere; nil for the owner of the machine, who may do everything.
    package let account: User.Role?

    package init(room: Room, role: RoomRole?, mutedUntil: Date?, account: User.Role?) {
        self.room = room
        self.role = role
        self.mutedUntil = mutedUntil
        self.account = account
    }
}

extension Standing {
    /// The room is there for members, for everybody when it is public, and for the owner of the machine.
    package var seesRoom: Bool { role != nil || room.kind == .public || isSystem }

    /// May look after the room: its moderators, and those of the whole chat where they see the room. A direct room has
    /// no moderators.
    package var moderates: Bool {
        guard room.kind != .direct, seesRoom else { return isSystem }
        return isSystem || role == .owner || role == .moderator || account == .moderator || account == .admin
    }

    /// May decide about the room itself: its owners and the admins of the chat.
    package var owns: Bool {
        guard room.kind != .direct, seesRoom else { return isSystem }
        return isSystem || role == .owner || account == .admin
    }

    /// May decide what concerns the whole chat.
    package var administers: Bool { isSystem || account == .admin }

    private var isSystem: Bool { account == nil }

    /// Throws `notFound` for anybody but a member.
    package func requireMember() throws {
        guard role != nil else { throw ChatError.notFound }
    }

    /// Throws `notFound` for anybody but a member, `archived`, and `forbidden` for a member who is muted.
    package func requireSpeaking(at now: Date) throws {
        try requireMember()
        guard room.archivedAt == nil else { throw ChatError.archived }
        guard mutedUntil.map({ $0 <= now }) ?? true else { throw ChatError.forbidden }
    }

    /// Throws `notFound` to whom the room does not exist, `forbidden` to everybody else who does not moderate it.
    package func requireModerating() throws {
        guard seesRoom else { throw ChatError.notFound }
        guard moderates else { throw ChatError.forbidden }
    }

    /// Throws `notFound` to whom the room does not exist, `forbidden` to everybody else who does not own it.
    package func requireOwning() throws {
        guard seesRoom else { throw ChatError.notFound }
        guard owns else { throw ChatError.forbidden }
    }
}
