import Domain
import Foundation
import SocketIO
import Views

// The JSON that only the server gives, in events and answers; what `chatctl` gives too is in `Views`, with the rules.

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

/// What an edited message said before, the latest first.
struct VersionsAnswer: Encodable, Sendable {
    var versions: [Version]

    struct Version: Encodable, Sendable {
        var version: Int64
        var body: String
        var at: String
    }

    init(_ versions: [MessageVersion]) {
        self.versions = versions.map { kept in
            Version(version: kept.version, body: kept.body, at: WireTime.format(kept.writtenAt))
        }
    }
}

/// Where a room stands.
struct RoomHint: Encodable, Sendable {
    var room: String
    var last_seq: Int64
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
        muted_until = receipt.mutedUntil.map(WireTime.format)
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
        server_time = WireTime.format(Date())
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
