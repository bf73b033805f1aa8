#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A place where messages are kept in one sequence.
package struct Room: Hashable, Sendable, Identifiable {
    package let id: RoomID
    package let kind: Kind
    /// Unique among named rooms; nil for a direct room.
    package let name: String?
    package let topic: String
    /// The number of the last durable change. Gap-free, in the order of commits.
    package let lastSeq: Int64
    /// How many messages (not joins and the like) were ever sent.
    package let messageCount: Int64
    package let createdAt: Date
    package let archivedAt: Date?

    /// Who finds the room and how one comes in.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Everyone may browse and join.
        case `public`
        /// Members only, by invitation.
        case `private`
        /// A fixed set of people.
        case direct
    }

    package init(
        id: RoomID,
        kind: Kind,
        name: String?,
        topic: String,
        lastSeq: Int64,
        messageCount: Int64,
        createdAt: Date,
        archivedAt: Date?
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.topic = topic
        self.lastSeq = lastSeq
        self.messageCount = messageCount
        self.createdAt = createdAt
        self.archivedAt = archivedAt
    }
}

/// What a member may do in one room.
package enum RoomRole: String, Hashable, Sendable, Codable, CaseIterable {
    case owner, moderator, member
}

/// A room as one person sees it in the list.
package struct RoomSummary: Hashable, Sendable, Identifiable {
    package let room: Room
    /// Nil when the person is not a member.
    package let role: RoomRole?
    /// The person has read up to here; never goes back by itself.
    package let readSeq: Int64
    package let unread: Int64
    package let mentions: Int64
    /// The members of a direct room, sorted by id; empty for other rooms.
    package let people: [UserID]

    package var id: RoomID { room.id }
    package var joined: Bool { role != nil }

    package init(room: Room, role: RoomRole?, readSeq: Int64, unread: Int64, mentions: Int64, people: [UserID]) {
        self.room = room
        self.role = role
        self.readSeq = readSeq
        self.unread = unread
        self.mentions = mentions
        self.people = people
    }
}

/// A room about to be stored.
package struct NewRoom: Sendable {
    package let id: RoomID
    package let kind: Room.Kind
    package let name: RoomName
    package let topic: Topic
    /// Every new account joins it.
    package let isDefault: Bool
    package let createdAt: Date

    package init(id: RoomID, kind: Room.Kind, name: RoomName, topic: Topic, isDefault: Bool, createdAt: Date) {
        self.id = id
        self.kind = kind
        self.name = name
        self.topic = topic
        self.isDefault = isDefault
        self.createdAt = createdAt
    }
}

/// One person in one room.
package struct Member: Hashable, Sendable {
    package let user: User
    package let role: RoomRole

    package init(user: User, role: RoomRole) {
        self.user = user
        self.role = role
    }
}

/// The answer to a join.
package struct JoinReceipt: Sendable {
    package let summary: RoomSummary
    /// The entry of the room's sequence; nil when the person was a member already.
    package let message: Message?

    package init(summary: RoomSummary, message: Message?) {
        self.summary = summary
        self.message = message
    }
}

/// The answer to opening a direct room.
package struct DirectReceipt: Sendable {
    package let summary: RoomSummary
    /// False when this set of people had the room already.
    package let created: Bool
    /// Everyone in the room, the acting person too, sorted by id.
    package let people: [UserID]

    package init(summary: RoomSummary, created: Bool, people: [UserID]) {
        self.summary = summary
        self.created = created
        self.people = people
    }
}
