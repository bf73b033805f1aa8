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
    /// Empty for a message that was deleted.
    package let body: String
    package let createdAt: Date
    package let editedAt: Date?
    package let deletedAt: Date?
    package let deletedBy: UserID?
    /// The message that this one answers, as it is now.
    package let reply: Quote?
    /// In the order in which the emoji were first used.
    package var reactions: [Reaction]
    /// In the order in which the author chose them; none after a deletion.
    package let attachments: [Attachment]
    /// The members who are named in the text, sorted by id.
    package let mentions: [UserID]
    /// To whom the author did what the entry tells.
    package let target: UserID?
    /// The new name, topic or role, where the entry tells of one.
    package let detail: String?

    /// What the entry tells.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case text, created, joined, left, added, removed, renamed, topic, archived, restored, role
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
        editedAt: Date? = nil,
        deletedAt: Date? = nil,
        deletedBy: UserID? = nil,
        mentions: [UserID] = [],
        target: UserID? = nil,
        detail: String? = nil,
        reactions: [Reaction] = [],
        attachments: [Attachment] = [],
        reply: Quote? = nil
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
        self.deletedBy = deletedBy
        self.reply = reply
        self.reactions = reactions
        self.attachments = attachments
        self.mentions = mentions
        self.target = target
        self.detail = detail
    }
}

/// The message that another one answers.
package struct Quote: Hashable, Sendable {
    /// As much of the text is quoted, in characters.
    package static let charactersMax = 200

    package let seq: Int64
    package let author: UserID
    /// The beginning of the text; empty when it was deleted.
    package let body: String
    /// How many images it carries.
    package let attachments: Int64
    package let deleted: Bool

    package init(seq: Int64, author: UserID, body: String, attachments: Int64 = 0, deleted: Bool) {
        self.seq = seq
        self.author = author
        self.body = body
        self.attachments = attachments
        self.deleted = deleted
    }
}

/// What an edited message said for a time.
package struct MessageVersion: Hashable, Sendable {
    /// The answer to who asks has at most this many, the latest: with the longest texts less than 200 kB.
    package static let countMax = 20

    /// Counts from 1 in the order in which the texts were written.
    package let version: Int64
    package let body: String
    /// When the author wrote this text.
    package let writtenAt: Date

    package init(version: Int64, body: String, writtenAt: Date) {
        self.version = version
        self.body = body
        self.writtenAt = writtenAt
    }
}

/// What someone wants to say. One that exists is valid.
package struct Draft: Hashable, Sendable {
    package let room: RoomID
    package let clientID: ClientID
    package let body: Body
    /// The number of the message that is answered.
    package let replyTo: Int64?
    /// What the author uploaded to the room for it; then the text may be empty.
    package let attachments: [AttachmentID]

    /// Throws `invalid` or `tooLarge` with the field `client_id`, `body` or `attachments`.
    package init(
        room: RoomID,
        clientID: String,
        body: String,
        replyTo: Int64? = nil,
        attachments: [AttachmentID] = []
    ) throws {
        self.room = room
        self.replyTo = replyTo
        self.attachments = attachments
        self.clientID = try ClientID(clientID)
        self.body = try Body(body, mayBeEmpty: !attachments.isEmpty)
        guard attachments.count <= Attachment.perMessageMax else {
            throw ChatError.tooLarge(
                field: "attachments",
                message: "A message has at most \(Attachment.perMessageMax) images."
            )
        }
        guard Set(attachments).count == attachments.count else {
            throw ChatError.invalid(field: "attachments", message: "An image is named twice.")
        }
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

/// The answer to an edit or a deletion.
package struct ChangeReceipt: Hashable, Sendable {
    /// The row as it is stored, with what the person who asked did themselves.
    package let message: Message
    /// False when the message was so already: it took no number, and nobody needs to be told.
    package let changed: Bool

    package init(message: Message, changed: Bool) {
        self.message = message
        self.changed = changed
    }
}
