import Domain
import Fleet
import Foundation

// What `--json` prints. Field names are those of the REST API.

struct UserRecord: Listed {
    static let fields = CodingKeys.allCases.map(\.rawValue)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, display_name, role, disabled, deleted, created_at
    }

    let id: String
    let name: String
    let display_name: String
    let role: String
    let disabled: Bool
    let deleted: Bool
    let created_at: Date

    init(_ user: User) {
        id = "\(user.id)"
        name = user.name
        display_name = user.displayName
        role = user.role.rawValue
        disabled = user.disabledAt != nil
        deleted = user.deletedAt != nil
        created_at = user.createdAt
    }
}

struct RoomRecord: Listed {
    static let fields = CodingKeys.allCases.map(\.rawValue)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, kind, name, topic, last_seq, msg_count, last_at, is_default, created_at, archived_at
    }

    let id: String
    let kind: String
    let name: String?
    let topic: String
    let last_seq: Int64
    let msg_count: Int64
    let last_at: Date?
    let is_default: Bool
    let created_at: Date
    let archived_at: Date?

    init(_ room: Room) {
        id = "\(room.id)"
        kind = room.kind.rawValue
        name = room.name
        topic = room.topic
        last_seq = room.lastSeq
        msg_count = room.messageCount
        last_at = room.lastAt
        is_default = room.isDefault
        created_at = room.createdAt
        archived_at = room.archivedAt
    }
}

struct MessageRecord: Listed {
    static let fields = [
        "id", "room", "seq", "n", "changed_seq", "kind", "author", "client_id", "body", "at", "edited_at", "deleted_at",
        "deleted_by", "reply.seq", "reply.author", "reply.body", "reply.deleted", "reactions.emoji", "reactions.count",
        "reactions.users", "mentions", "target", "detail",
    ]

    struct Quoted: Encodable {
        let seq: Int64
        let author: String
        let body: String
        let deleted: Bool
    }

    struct Reacted: Encodable {
        let emoji: String
        let count: Int64
        let users: [String]
    }

    let id: String
    let room: String
    let seq: Int64
    let n: Int64?
    let changed_seq: Int64
    let kind: String
    let author: String?
    let client_id: String?
    let body: String
    let at: Date
    let edited_at: Date?
    let deleted_at: Date?
    let deleted_by: String?
    let reply: Quoted?
    let reactions: [Reacted]
    let mentions: [String]
    let target: String?
    let detail: String?

    init(_ message: Message) {
        id = "\(message.id)"
        room = "\(message.room)"
        seq = message.seq
        n = message.n
        changed_seq = message.changedSeq
        kind = message.kind.rawValue
        author = message.author.map { "\($0)" }
        client_id = message.clientID
        body = message.body
        at = message.createdAt
        edited_at = message.editedAt
        deleted_at = message.deletedAt
        deleted_by = message.deletedBy.map { "\($0)" }
        reply = message.reply.map { Quoted(seq: $0.seq, author: "\($0.author)", body: $0.body, deleted: $0.deleted) }
        reactions = message.reactions.map { reaction in
            Reacted(emoji: reaction.emoji, count: reaction.count, users: reaction.users.map { "\($0)" })
        }
        mentions = message.mentions.map { "\($0)" }
        target = message.target.map { "\($0)" }
        detail = message.detail
    }
}

struct MemberRecord: Listed {
    static let fields = UserRecord.fields.map { "user.\($0)" } + ["role", "joined_at", "muted_until"]

    let user: UserRecord
    let role: String
    let joined_at: Date
    let muted_until: Date?

    init(_ member: Member) {
        user = UserRecord(member.user)
        role = member.role.rawValue
        joined_at = member.joinedAt
        muted_until = member.mutedUntil
    }
}

struct SessionRecord: Listed {
    static let fields = CodingKeys.allCases.map(\.rawValue)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, name, scopes, created_at, last_used_at, expires_at, address, user_agent
    }

    let id: String
    let name: String?
    let scopes: [String]?
    let created_at: Date
    let last_used_at: Date
    let expires_at: Date?
    let address: String?
    let user_agent: String?

    init(_ session: Session) {
        id = "\(session.id)"
        switch session.kind {
        case .login: (name, scopes) = (nil, nil)
        case .token(let its, let allowed): (name, scopes) = (its, allowed.map(\.rawValue).sorted())
        }
        created_at = session.createdAt
        last_used_at = session.lastUsedAt
        expires_at = session.expiresAt
        address = session.client.address
        user_agent = session.client.userAgent
    }
}

struct InviteRecord: Listed {
    static let fields = CodingKeys.allCases.map(\.rawValue)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, uses, uses_max, expires_at, created_by, created_at, rooms
    }

    let id: String
    let uses: Int64
    let uses_max: Int64?
    let expires_at: Date?
    let created_by: String?
    let created_at: Date
    let rooms: [String]

    init(_ invite: Invite) {
        id = "\(invite.id)"
        uses = invite.uses
        uses_max = invite.usesMax
        expires_at = invite.expiresAt
        created_by = invite.createdBy.map { "\($0)" }
        created_at = invite.createdAt
        rooms = invite.rooms.map { "\($0)" }
    }
}

struct BanRecord: Listed {
    static let fields = CodingKeys.allCases.map(\.rawValue)

    enum CodingKeys: String, CodingKey, CaseIterable {
        case id, user, address, until, reason, created_by, created_at, lifted_at
    }

    let id: String
    let user: String?
    let address: String?
    let until: Date?
    let reason: String
    let created_by: String?
    let created_at: Date
    let lifted_at: Date?

    init(_ ban: Ban) {
        id = "\(ban.id)"
        switch ban.subject {
        case .user(let its): (user, address) = ("\(its)", nil)
        case .address(let range): (user, address) = (nil, range.description)
        }
        until = ban.until
        reason = ban.reason
        created_by = ban.createdBy.map { "\($0)" }
        created_at = ban.createdAt
        lifted_at = ban.liftedAt
    }
}

struct AuditRecord: Listed {
    static let fields = [
        "id", "at", "actor.kind", "actor.user", "actor.name", "action", "subject.kind", "subject.id", "subject.name",
        "detail.*", "address",
    ]

    struct Who: Encodable {
        let kind: String
        let user: String?
        let name: String
    }
    struct What: Encodable {
        let kind: String
        let id: String?
        let name: String?
    }

    let id: String
    let at: Date
    let actor: Who
    let action: String
    let subject: What
    let detail: [String: String]
    let address: String?

    init(_ entry: AuditEntry) {
        id = "\(entry.id)"
        at = entry.at
        actor = Who(
            kind: entry.actor.user == nil ? "system" : "person",
            user: entry.actor.user.map { "\($0)" },
            name: entry.actor.name
        )
        action = entry.action.rawValue
        subject = What(kind: entry.subject.kind.rawValue, id: entry.subject.id, name: entry.subject.name)
        detail = entry.detail
        address = entry.address
    }
}
