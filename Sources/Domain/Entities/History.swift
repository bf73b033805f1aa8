/// Which part of a room's history is asked for. Numbers are `seq`.
package enum Page: Hashable, Sendable {
    case latest
    /// What stands before this number, the nearest first.
    case before(Int64)
    /// What stands after this number.
    case after(Int64)
    /// This number and what stands on both sides of it.
    case around(Int64)
}

/// A part of a room's history.
package struct MessagePage: Hashable, Sendable {
    /// Ascending by `seq`.
    package let messages: [Message]
    package let hasBefore: Bool
    package let hasAfter: Bool
    /// The room's last number when the page was read.
    package let lastSeq: Int64

    package init(messages: [Message], hasBefore: Bool, hasAfter: Bool, lastSeq: Int64) {
        self.messages = messages
        self.hasBefore = hasBefore
        self.hasAfter = hasAfter
        self.lastSeq = lastSeq
    }
}

/// What a client lacks of one room.
package struct RoomChanges: Hashable, Sendable {
    package let room: RoomID
    /// What the client said it has.
    package let from: Int64
    /// The client has everything up to here once it applied `messages`.
    package let to: Int64
    /// Ascending by `changedSeq`, as the rows are now; after a reset the latest ones, ascending by `seq`.
    package let messages: [Message]
    /// The client is too far behind: it drops what it has of the room and takes `messages` instead.
    package let reset: Bool

    package init(room: RoomID, from: Int64, to: Int64, messages: [Message], reset: Bool) {
        self.room = room
        self.from = from
        self.to = to
        self.messages = messages
        self.reset = reset
    }
}

/// The end of a room's log, for delivery inside the server.
package struct RoomTail: Hashable, Sendable {
    /// Ascending by `changedSeq`, as the rows are now.
    package let messages: [Message]
    /// Whoever has the messages has everything up to here.
    package let to: Int64

    package init(messages: [Message], to: Int64) {
        self.messages = messages
        self.to = to
    }

    /// How long the texts are together, in bytes of UTF-8.
    package var textBytes: Int { messages.reduce(0) { $0 + $1.body.utf8.count } }
}

/// Everything a client needs after it connected.
package struct SyncAnswer: Sendable {
    package let rooms: [RoomSummary]
    /// There was no space for all rooms.
    package let moreRooms: Bool
    /// The people whom the answer speaks of, and others as far as there is room.
    package let people: [User]
    /// Only rooms about which there is something to tell.
    package let changes: [RoomChanges]
    package let me: User

    package init(rooms: [RoomSummary], moreRooms: Bool, people: [User], changes: [RoomChanges], me: User) {
        self.rooms = rooms
        self.moreRooms = moreRooms
        self.people = people
        self.changes = changes
        self.me = me
    }
}

/// One room that a client asks about.
package struct RoomPosition: Hashable, Sendable {
    package let room: RoomID
    /// The client has everything up to here; 0 for nothing.
    package let have: Int64
    /// The client does not know the room: it gets the latest messages as a reset.
    package let unknown: Bool

    package init(room: RoomID, have: Int64, unknown: Bool = false) {
        self.room = room
        self.have = have
        self.unknown = unknown
    }
}
