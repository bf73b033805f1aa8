import Domain
import Foundation
import NIOCore
import SocketIO
import SocketIORedis
import Views

/// What live instances are to be told of a change that was made here, in the form in which they tell it themselves.
///
/// Best effort, and after the commit: the change is in the database. Who misses the news sees entries of rooms with the
/// next sweep, and everything else with the next sync.
enum News: Sendable {
    /// An event to the sockets in these Socket.IO rooms; none means everybody.
    case event(String, json: String, to: [String])
    /// Sessions, accounts, roles or bans changed: every instance compares its sockets with the database, tells those that
    /// have to go why, and cuts them.
    case accessChanged

    /// Sends news to every instance at once.
    static func send(_ news: [News], on servers: Servers) async {
        guard !news.isEmpty, servers.redisURL != nil else { return }
        try? await publish(news, on: servers)
    }

    /// The same where the news are all there is.
    ///
    /// - Throws: `Failure` (unavailable) when Redis did not take them.
    static func publish(_ news: [News], on servers: Servers) async throws {
        try await servers.withRedis { redis in
            let emitter = RedisEmitter(redis: redis)
            for item in news {
                switch item {
                case .event(let name, let json, let rooms):
                    try await emit(name, json, rooms, emitter)
                case .accessChanged:
                    try await emitter.serverSideEmit(Payload(json: ByteBuffer(string: "[\"sessions:recheck\"]")))
                }
            }
        }
    }

    private static func emit(_ name: String, _ json: String, _ rooms: [String], _ emitter: RedisEmitter) async throws {
        let array = "[\(JSONText.encode([name]).dropFirst().dropLast()),\(json)]"
        let options = BroadcastOptions(rooms: rooms.map { SocketIO.Room($0) })
        try await emitter.emit(Payload(json: ByteBuffer(string: array)), options: options)
    }
}

extension News {
    /// A person's sockets, on every device.
    static func user(_ id: UserID) -> String { "u:\(id)" }

    /// The sockets that hear a room.
    static func room(_ id: RoomID) -> String { "r:\(id)" }

    /// A new name, role or state, to everybody.
    static func updated(_ user: User) -> News {
        .event("user:updated", json: JSONText.encode(["user": UserView(user)]), to: [])
    }

    static func updated(_ room: Domain.Room) -> [News] {
        let json = JSONText.encode(["room": RoomView(public: room)])
        let event = room.archivedAt == nil ? "room:updated" : "room:archived"
        return [.event(event, json: json, to: room.kind == .public ? [] : [Self.room(room.id)])]
    }

    /// A new room, to everybody if it can be browsed.
    static func created(_ receipt: RoomReceipt) -> [News] {
        let room = receipt.summary.room
        let json = JSONText.encode(["room": RoomView(public: room)])
        return (room.kind == .public ? [.event("room:created", json: json, to: [])] : []) + entries(receipt.entries)
    }

    /// Entries of a room, in their order. Whom one lets in learns it before, so that their sockets hear the entry itself;
    /// whom one removes learns it after.
    static func entries(_ messages: [Message]) -> [News] {
        messages.flatMap { message -> [News] in
            let event =
                if message.deletedAt != nil { "message:deleted" } else if message.changedSeq == message.seq {
                    "message:created"
                } else { "message:updated" }
            let entry = News.event(event, json: JSONText.encode(MessageView(message)), to: [room(message.room)])
            switch message.kind {
            case .joined, .added:
                let person = message.kind == .added ? message.target : message.author
                return (person.map { [membership("room:joined", message, $0, role: "member")] } ?? []) + [entry]
            case .left, .removed:
                let person = message.kind == .removed ? message.target : message.author
                return [entry] + (person.map { [membership("room:left", message, $0)] } ?? [])
            case .text, .created, .renamed, .topic, .archived, .restored, .role:
                return [entry]
            }
        }
    }

    private struct Membership: Encodable {
        let room: String
        let user: String
        let seq: Int64
        let role: String?
    }

    private static func membership(_ event: String, _ message: Message, _ user: UserID, role: String? = nil) -> News {
        let view = Membership(room: "\(message.room)", user: "\(user)", seq: message.seq, role: role)
        return .event(event, json: JSONText.encode(view), to: [room(message.room), Self.user(user)])
    }
}
