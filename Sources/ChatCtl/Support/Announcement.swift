import Domain
import Foundation
import NIOCore
import SocketIO
import SocketIORedis

/// Tells live instances of a change that was made here. Best effort: the change is in the database, and who misses the
/// news sees it with the next sync.
enum Announcement {
    /// To every browser, in the form in which an instance tells it.
    static func roomCreated(_ summary: RoomSummary, on servers: Servers) async {
        guard servers.redisURL != nil else { return }
        let event = JSONText.encode(Arguments(room: RoomNews(summary)))
        let json = "[\"room:created\",\(event)]"
        _ = try? await servers.withRedis { redis in
            try await RedisEmitter(redis: redis).emit(Payload(json: ByteBuffer(string: json)))
        }
    }

    private struct Arguments: Encodable { let room: RoomNews }

    /// The room as it looks to somebody who has not joined it.
    private struct RoomNews: Encodable {
        let id: String
        let kind: String
        let name: String?
        let topic: String
        let last_seq: Int64
        let msg_count: Int64
        let read_seq = 0
        let unread = 0
        let mentions = 0
        let joined = false
        let people: [String] = []
        let created_at: Date

        init(_ summary: RoomSummary) {
            id = "\(summary.room.id)"
            kind = summary.room.kind.rawValue
            name = summary.room.name
            topic = summary.room.topic
            last_seq = summary.room.lastSeq
            msg_count = summary.room.messageCount
            created_at = summary.room.createdAt
        }
    }
}
