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
    var read_seq: Int64
    var unread: Int64
    var mentions: Int64
    var role: String?
    var joined: Bool
    var people: [String]
    var created_at: String
    var archived_at: String?

    init(_ summary: RoomSummary) {
        let room = summary.room
        id = room.id.description
        kind = room.kind.rawValue
        name = room.name
        topic = room.topic
        last_seq = room.lastSeq
        msg_count = room.messageCount
        read_seq = summary.readSeq
        unread = summary.unread
        mentions = summary.mentions
        role = summary.role?.rawValue
        joined = summary.joined
        people = summary.people.map(\.description)
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

    init(_ message: Message) {
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
    }
}

struct ReadView: Encodable, Sendable {
    var room: String
    var read_seq: Int64
    var unread: Int64
    var mentions: Int64

    init(_ summary: RoomSummary) {
        room = summary.id.description
        read_seq = summary.readSeq
        unread = summary.unread
        mentions = summary.mentions
    }
}

struct MemberView: Encodable, Sendable {
    var user: UserView
    var role: String

    init(_ member: Member) {
        user = UserView(member.user)
        role = member.role.rawValue
    }
}

struct MembershipView: Encodable, Sendable {
    var room: String
    var user: String
    var seq: Int64
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
        messages = changes.messages.map(MessageView.init)
        reset = changes.reset
    }
}

struct SyncView: Encodable, Sendable {
    var rooms: [RoomView]
    var people: [UserView]
    var changes: [ChangesView]
    var me: UserView
    var server_time: String

    init(_ answer: SyncAnswer) {
        rooms = answer.rooms.map(RoomView.init)
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
        messages = page.messages.map(MessageView.init)
        has_before = page.hasBefore
        has_after = page.hasAfter
        room = Position(last_seq: page.lastSeq)
    }
}

struct ReceiptView: Encodable, Sendable {
    var message: MessageView
    var duplicate: Bool

    init(_ receipt: SendReceipt) {
        message = MessageView(receipt.message)
        duplicate = receipt.duplicate
    }
}
