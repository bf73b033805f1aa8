import Domain
import Foundation
import SocketIO

// The JSON that clients see, in REST and events alike: snake_case, times in RFC 3339, ids as text. Field names are an
// interface: `chatctl --json` uses the same ones, and new fields may come but old ones stay.

struct UserView: Encodable, Sendable {
    var id: String
    var name: String
    var display_name: String
    var role: String
    var disabled: Bool
    var deleted: Bool
    var created_at: String

    init(_ user: User) {
        id = user.id.description
        name = user.name
        display_name = user.displayName
        role = user.role.rawValue
        disabled = user.disabledAt != nil
        deleted = user.deletedAt != nil
        created_at = WireDate.format(user.createdAt)
    }
}

struct RoomView: Encodable, Sendable {
    var id: String
    var kind: String
    var name: String?
    var topic: String
    var last_seq: Int64
    var msg_count: Int64
    var last_at: String?
    var is_default: Bool
    var read_seq: Int64?
    var unread: Int64?
    var mentions: Int64?
    var role: String?
    var joined: Bool?
    var notify_level: String?
    var muted_until: String?
    var people: [String]?
    var created_at: String
    var archived_at: String?

    /// The room as one person sees it.
    init(_ summary: RoomSummary) {
        self.init(public: summary.room)
        read_seq = summary.readSeq
        unread = summary.unread
        mentions = summary.mentions
        role = summary.role?.rawValue
        joined = summary.joined
        notify_level = summary.notifyLevel?.rawValue
        muted_until = summary.mutedUntil.map(WireDate.format)
        people = summary.people.map(\.description)
    }

    /// What is the same for everybody, for broadcasts.
    init(public room: Domain.Room) {
        id = room.id.description
        kind = room.kind.rawValue
        name = room.name
        topic = room.topic
        last_seq = room.lastSeq
        msg_count = room.messageCount
        last_at = room.lastAt.map(WireDate.format)
        is_default = room.isDefault
        created_at = WireDate.format(room.createdAt)
        archived_at = room.archivedAt.map(WireDate.format)
    }
}

struct MessageView: Encodable, Sendable {
    var id: String
    var room: String
    var seq: Int64
    var n: Int64?
    var changed_seq: Int64
    var kind: String
    var author: String?
    var client_id: String?
    var body: String
    var at: String
    var edited_at: String?
    var deleted_at: String?
    var deleted_by: String?
    var reply: QuoteView?
    var reactions: [ReactionView]
    var mentions: [String]
    var target: String?
    var detail: String?

    /// The row for everybody; with `personal` it tells the person who asked which reactions are their own.
    init(_ message: Message, personal: Bool = false) {
        id = message.id.description
        room = message.room.description
        seq = message.seq
        n = message.n
        changed_seq = message.changedSeq
        kind = message.kind.rawValue
        author = message.author?.description
        client_id = message.clientID
        body = message.body
        at = WireDate.format(message.createdAt)
        edited_at = message.editedAt.map(WireDate.format)
        deleted_at = message.deletedAt.map(WireDate.format)
        deleted_by = message.deletedBy?.description
        reply = message.reply.map(QuoteView.init)
        reactions = message.reactions.map { ReactionView($0, personal: personal) }
        mentions = message.mentions.map(\.description)
        target = message.target?.description
        detail = message.detail
    }

    /// The row for the person who asked.
    static func personal(_ message: Message) -> MessageView { MessageView(message, personal: true) }
}

struct QuoteView: Encodable, Sendable {
    var seq: Int64
    var author: String
    var body: String
    var deleted: Bool

    init(_ quote: Quote) {
        seq = quote.seq
        author = quote.author.description
        body = quote.body
        deleted = quote.deleted
    }
}

struct ReactionView: Encodable, Sendable {
    var emoji: String
    var count: Int64
    var users: [String]
    var me: Bool?

    init(_ reaction: Reaction, personal: Bool) {
        emoji = reaction.emoji
        count = reaction.count
        users = reaction.users.map(\.description)
        me = personal && reaction.mine ? true : nil
    }
}

/// The state of a message's reactions, as an answer to one person.
struct ReactionAnswer: Encodable, Sendable {
    var room: String
    var seq: Int64
    var changed_seq: Int64
    var message: String
    var reactions: [ReactionView]

    init(_ receipt: ReactionReceipt) {
        room = receipt.message.room.description
        seq = receipt.message.seq
        changed_seq = receipt.message.changedSeq
        message = receipt.message.id.description
        reactions = receipt.message.reactions.map { ReactionView($0, personal: true) }
    }
}

/// The same as news for everybody, with what was done.
struct ReactionNews: Encodable, Sendable {
    var room: String
    var seq: Int64
    var changed_seq: Int64
    var message: String
    var user: String
    var emoji: String
    var added: Bool
    var reactions: [ReactionView]

    init(_ receipt: ReactionReceipt) {
        room = receipt.message.room.description
        seq = receipt.message.seq
        changed_seq = receipt.message.changedSeq
        message = receipt.message.id.description
        user = receipt.user.description
        emoji = receipt.emoji.description
        added = receipt.added
        reactions = receipt.message.reactions.map { ReactionView($0, personal: false) }
    }
}

struct SearchView: Encodable, Sendable {
    var results: [Result]
    var next: String?

    struct Result: Encodable, Sendable {
        var message: MessageView
        var room: Place
    }

    struct Place: Encodable, Sendable {
        var id: String
        var kind: String
        var name: String?
    }

    init(_ page: SearchPage) {
        results = page.results.map { found in
            Result(
                message: .personal(found.message),
                room: Place(
                    id: found.message.room.description,
                    kind: found.roomKind.rawValue,
                    name: found.roomName
                )
            )
        }
        next = page.next?.description
    }
}

struct MessageAnswer: Encodable, Sendable {
    var message: MessageView

    init(_ message: Message) { self.message = .personal(message) }
}

struct ReadView: Encodable, Sendable {
    var room: String
    var read_seq: Int64
    var unread: Int64
    var mentions: Int64
    /// The position went back, because the person said so.
    var forced: Bool?

    init(_ summary: RoomSummary, forced: Bool = false) {
        room = summary.id.description
        read_seq = summary.readSeq
        unread = summary.unread
        mentions = summary.mentions
        self.forced = forced ? true : nil
    }
}

struct MemberView: Encodable, Sendable {
    var user: UserView
    var role: String
    var joined_at: String
    var muted_until: String?

    init(_ member: Member) {
        user = UserView(member.user)
        role = member.role.rawValue
        joined_at = WireDate.format(member.joinedAt)
        muted_until = member.mutedUntil.map(WireDate.format)
    }
}

struct MembershipView: Encodable, Sendable {
    var room: String
    var user: String
    var seq: Int64
    var role: String?

    /// The entry that tells of a person who came or went.
    init(_ entry: Message, _ user: UserID, role: RoomRole? = nil) {
        room = entry.room.description
        self.user = user.description
        seq = entry.seq
        self.role = role?.rawValue
    }

    init(_ admission: Admission) {
        room = admission.room.description
        user = admission.user.description
        seq = admission.seq
    }
}

/// What a member may do, as news.
struct MemberNews: Encodable, Sendable {
    var room: String
    var user: String
    var role: String
    var muted_until: String?

    init(_ receipt: MemberReceipt) {
        room = receipt.room.description
        user = receipt.user.description
        role = receipt.role.rawValue
        muted_until = receipt.mutedUntil.map(WireDate.format)
    }
}

struct ChangesView: Encodable, Sendable {
    var room: String
    var from: Int64
    var to: Int64
    var messages: [MessageView]
    var reset: Bool

    init(_ changes: RoomChanges) {
        room = changes.room.description
        from = changes.from
        to = changes.to
        messages = changes.messages.map(MessageView.personal)
        reset = changes.reset
    }
}

struct SyncView: Encodable, Sendable {
    var rooms: [RoomView]
    var more_rooms: Bool?
    var people: [UserView]
    var changes: [ChangesView]
    var me: UserView
    var server_time: String

    init(_ answer: SyncAnswer) {
        rooms = answer.rooms.map(RoomView.init)
        more_rooms = answer.moreRooms ? true : nil
        people = answer.people.map(UserView.init)
        changes = answer.changes.map(ChangesView.init)
        me = UserView(answer.me)
        server_time = WireDate.format(Date())
    }
}

struct PageView: Encodable, Sendable {
    var messages: [MessageView]
    var has_before: Bool
    var has_after: Bool
    var room: Position

    struct Position: Encodable, Sendable {
        var last_seq: Int64
    }

    init(_ page: MessagePage) {
        messages = page.messages.map(MessageView.personal)
        has_before = page.hasBefore
        has_after = page.hasAfter
        room = Position(last_seq: page.lastSeq)
    }
}

struct ReceiptView: Encodable, Sendable {
    var message: MessageView
    var duplicate: Bool

    init(_ receipt: SendReceipt) {
        message = .personal(receipt.message)
        duplicate = receipt.duplicate
    }
}
