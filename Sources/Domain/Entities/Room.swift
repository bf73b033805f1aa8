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
    /// When the last message was sent.
    package let lastAt: Date?
    /// Every new account joins it.
    package let isDefault: Bool
    /// What its edited messages said before is kept, for its members.
    package let keepsVersions: Bool
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
        lastAt: Date?,
        isDefault: Bool,
        keepsVersions: Bool,
        createdAt: Date,
        archivedAt: Date?
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.topic = topic
        self.lastSeq = lastSeq
        self.messageCount = messageCount
        self.lastAt = lastAt
        self.isDefault = isDefault
        self.keepsVersions = keepsVersions
        self.createdAt = createdAt
        self.archivedAt = archivedAt
    }
}

/// What a member may do in one room.
package enum RoomRole: String, Hashable, Sendable, Codable, CaseIterable {
    case owner, moderator, member
}

/// Of what in a room a member wants to be told.
package enum NotifyLevel: String, Hashable, Sendable, Codable, CaseIterable {
    case all, mentions, nothing, hidden
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
    /// Nil when the person is not a member.
    package let notifyLevel: NotifyLevel?
    /// Until when the person may not write; nil, or past, when they may.
    package let mutedUntil: Date?

    package var id: RoomID { room.id }
    package var joined: Bool { role != nil }

    package init(
        room: Room,
        role: RoomRole? = nil,
        readSeq: Int64 = 0,
        unread: Int64 = 0,
        mentions: Int64 = 0,
        people: [UserID] = [],
        notifyLevel: NotifyLevel? = nil,
        mutedUntil: Date? = nil
    ) {
        self.room = room
        self.role = role
        self.readSeq = readSeq
        self.unread = unread
        self.mentions = mentions
        self.people = people
        self.notifyLevel = notifyLevel
        self.mutedUntil = mutedUntil
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
    package let joinedAt: Date
    /// Until when the person may not write; nil, or past, when they may.
    package let mutedUntil: Date?

    package init(user: User, role: RoomRole, joinedAt: Date, mutedUntil: Date?) {
        self.user = user
        self.role = role
        self.joinedAt = joinedAt
        self.mutedUntil = mutedUntil
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

/// What was done to a room: the room as the acting person sees it now, and the entries that tell of it.
package struct RoomReceipt: Sendable {
    package let summary: RoomSummary
    /// In the order of their numbers; empty when nothing changed.
    package let entries: [Message]

    package init(summary: RoomSummary, entries: [Message]) {
        self.summary = summary
        self.entries = entries
    }
}

/// What may be changed of a named room; nil stays as it is.
package struct RoomChange: Sendable {
    package let name: RoomName?
    package let topic: Topic?
    package let isDefault: Bool?
    package let keepsVersions: Bool?

    package init(name: RoomName? = nil, topic: Topic? = nil, isDefault: Bool? = nil, keepsVersions: Bool? = nil) {
        self.name = name
        self.topic = topic
        self.isDefault = isDefault
        self.keepsVersions = keepsVersions
    }
}

/// A member as a change left them.
package struct MemberReceipt: Sendable {
    package let room: RoomID
    package let user: UserID
    package let role: RoomRole
    package let mutedUntil: Date?
    /// The entry that tells of it; nil where none does.
    package let message: Message?

    package init(room: RoomID, user: UserID, role: RoomRole, mutedUntil: Date?, message: Message?) {
        self.room = room
        self.user = user
        self.role = role
        self.mutedUntil = mutedUntil
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
    /// The first entry of a new room.
    package let entry: Message?

    package init(summary: RoomSummary, created: Bool, people: [UserID], entry: Message?) {
        self.summary = summary
        self.created = created
        self.people = people
        self.entry = entry
    }
}
