import Domain
import Fleet
import Foundation

// What `--json` prints. Field names are those of the REST API.

struct UserRecord: Encodable {
    let id: String
    let name: String
    let display_name: String
    let role: String
    let disabled: Bool
    let created_at: Date

    init(_ user: User) {
        id = "\(user.id)"
        name = user.name
        display_name = user.displayName
        role = user.role.rawValue
        disabled = user.disabledAt != nil
        created_at = user.createdAt
    }
}

struct RoomRecord: Encodable {
    let id: String
    let kind: String
    let name: String?
    let topic: String
    let last_seq: Int64
    let msg_count: Int64
    let created_at: Date
    let archived_at: Date?

    init(_ room: Room) {
        id = "\(room.id)"
        kind = room.kind.rawValue
        name = room.name
        topic = room.topic
        last_seq = room.lastSeq
        msg_count = room.messageCount
        created_at = room.createdAt
        archived_at = room.archivedAt
    }
}
