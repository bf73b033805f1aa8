package import Domain

/// A room: what is the same for everybody, and how it is for one person.
package struct RoomView: Encodable, Sendable {
    package var id: String
    package var kind: String
    package var name: String?
    package var topic: String
    package var last_seq: Int64
    package var msg_count: Int64
    package var last_at: String?
    package var is_default: Bool
    package var keeps_versions: Bool
    package var read_seq: Int64?
    package var unread: Int64?
    package var mentions: Int64?
    package var role: String?
    package var joined: Bool?
    package var notify_level: String?
    package var muted_until: String?
    package var people: [String]?
    package var created_at: String
    package var archived_at: String?

    /// The room as one person sees it.
    package init(_ summary: RoomSummary) {
        self.init(public: summary.room)
        read_seq = summary.readSeq
        unread = summary.unread
        mentions = summary.mentions
        role = summary.role?.rawValue
        joined = summary.joined
        notify_level = summary.notifyLevel?.rawValue
        muted_until = summary.mutedUntil.map(WireTime.format)
        people = summary.people.map(\.description)
    }

    /// What is the same for everybody, for broadcasts.
    package init(public room: Domain.Room) {
        id = room.id.description
        kind = room.kind.rawValue
        name = room.name
        topic = room.topic
        last_seq = room.lastSeq
        msg_count = room.messageCount
        last_at = room.lastAt.map(WireTime.format)
        is_default = room.isDefault
        keeps_versions = room.keepsVersions
        created_at = WireTime.format(room.createdAt)
        archived_at = room.archivedAt.map(WireTime.format)
    }
}
