#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One entry of a room's sequence.
package struct Message: Hashable, Sendable, Identifiable {
    package let id: MessageID
    package let room: RoomID
    /// Its place in the room; never changes.
    package let seq: Int64
    /// Its ordinal among the messages, for counting unread; nil for joins and the like.
    package let n: Int64?
    /// The number of its last change; equals `seq` while it was never changed.
    package let changedSeq: Int64
    package let kind: Kind
    /// Nil when the system made the entry.
    package let author: UserID?
    /// The idempotency key that the sender chose.
    package let clientID: String?
    package let body: String
    package let createdAt: Date
    package let editedAt: Date?
    package let deletedAt: Date?

    /// What the entry tells.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case text, joined, left, created
    }

    package init(
        id: MessageID,
        room: RoomID,
        seq: Int64,
        n: Int64?,
        changedSeq: Int64,
        kind: Kind,
        author: UserID?,
        clientID: String?,
        body: String,
        createdAt: Date,
        editedAt: Date?,
        deletedAt: Date?
    ) {
        self.id = id
        self.room = room
        self.seq = seq
        self.n = n
        self.changedSeq = changedSeq
        self.kind = kind
        self.author = author
        self.clientID = clientID
        self.body = body
        self.createdAt = createdAt
        self.editedAt = editedAt
        self.deletedAt = deletedAt
    }
}

/// What someone wants to say. One that exists is valid.
package struct Draft: Hashable, Sendable {
    package let room: RoomID
    package let clientID: ClientID
    package let body: Body

    /// Throws `invalid` or `tooLarge` with the field `client_id` or `body`.
    package init(room: RoomID, clientID: String, body: String) throws {
        self.room = room
        self.clientID = try ClientID(clientID)
        self.body = try Body(body)
    }
}

/// A message about to be stored.
package struct NewMessage: Sendable {
    package let id: MessageID
    package let draft: Draft
    package let author: UserID
    package let createdAt: Date

    package init(id: MessageID, draft: Draft, author: UserID, createdAt: Date) {
        self.id = id
        self.draft = draft
        self.author = author
        self.createdAt = createdAt
    }
}

/// The answer to a send: the row as it is stored.
package struct SendReceipt: Hashable, Sendable {
    package let message: Message
    /// The client id had been used for the same message before; nothing was added.
    package let duplicate: Bool

    package init(message: Message, duplicate: Bool) {
        self.message = message
        self.duplicate = duplicate
    }
}
