package import Domain

/// A message, or an entry that says who came, went or changed something.
package struct MessageView: Encodable, Sendable {
    package var id: String
    package var room: String
    package var seq: Int64
    package var n: Int64?
    package var changed_seq: Int64
    package var kind: String
    package var author: String?
    package var client_id: String?
    package var body: String
    package var at: String
    package var edited_at: String?
    package var deleted_at: String?
    package var deleted_by: String?
    package var reply: QuoteView?
    package var reactions: [ReactionView]
    package var mentions: [String]
    package var attachments: [AttachmentView]
    package var target: String?
    package var detail: String?

    /// The row for everybody; with `personal` it tells the person who asked which reactions are their own.
    package init(_ message: Message, personal: Bool = false) {
        id = message.id.description
        room = message.room.description
        seq = message.seq
        n = message.n
        changed_seq = message.changedSeq
        kind = message.kind.rawValue
        author = message.author?.description
        client_id = message.clientID
        body = message.body
        at = WireTime.format(message.createdAt)
        edited_at = message.editedAt.map(WireTime.format)
        deleted_at = message.deletedAt.map(WireTime.format)
        deleted_by = message.deletedBy?.description
        reply = message.reply.map(QuoteView.init)
        reactions = message.reactions.map { ReactionView($0, personal: personal) }
        mentions = message.mentions.map(\.description)
        attachments = message.attachments.map(AttachmentView.init)
        target = message.target?.description
        detail = message.detail
    }

    /// The row for the person who asked.
    package static func personal(_ message: Message) -> MessageView { MessageView(message, personal: true) }
}

/// What a message answers.
package struct QuoteView: Encodable, Sendable {
    package var seq: Int64
    package var author: String
    package var body: String
    /// How many images it carries, where there are any.
    package var attachments: Int64?
    package var deleted: Bool

    package init(_ quote: Quote) {
        seq = quote.seq
        author = quote.author.description
        body = quote.body
        attachments = quote.attachments > 0 ? quote.attachments : nil
        deleted = quote.deleted
    }
}

/// An image of a message.
package struct AttachmentView: Encodable, Sendable {
    package var id: String
    package var name: String
    package var media_type: String
    package var width: Int
    package var height: Int
    package var bytes: Int

    package init(_ attachment: Attachment) {
        id = attachment.id.description
        name = attachment.name.description
        media_type = attachment.mediaType.rawValue
        width = attachment.width
        height = attachment.height
        bytes = attachment.bytes
    }
}

/// One emoji below a message, and who chose it.
package struct ReactionView: Encodable, Sendable {
    package var emoji: String
    package var count: Int64
    package var users: [String]
    package var me: Bool?

    package init(_ reaction: Reaction, personal: Bool) {
        emoji = reaction.emoji
        count = reaction.count
        users = reaction.users.map(\.description)
        me = personal && reaction.mine ? true : nil
    }
}
