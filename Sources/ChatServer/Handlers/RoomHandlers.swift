import Domain
import Views

/// Rooms and direct conversations: browsing, making and changing them.
struct RoomHandlers: Sendable {
    let chat: Chat
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("room:list") { (_: Nothing, caller) in
            RoomsView(rooms: try await chat.rooms(by: .person(caller.identity)).map(RoomView.init))
        }
        router.on("room:create") { (request: CreateRequest, caller) in
            let receipt = try await chat.createRoom(
                name: request.name,
                topic: request.topic ?? "",
                kind: request.kind ?? .public,
                members: request.members ?? [],
                by: .person(caller.identity)
            )
            broadcasts.made(receipt)
            return RoomAnswer(receipt.summary)
        }
        router.on("room:update") { (request: UpdateRequest, caller) in
            let receipt = try await chat.updateRoom(
                request.room,
                name: request.name,
                topic: request.topic,
                isDefault: request.is_default,
                keepsVersions: request.keeps_versions,
                by: .person(caller.identity)
            )
            broadcasts.updated(receipt)
            return RoomAnswer(receipt.summary)
        }
        router.on("room:archive") { (request: RoomRequest, caller) in
            let receipt = try await chat.archive(request.room, by: .person(caller.identity))
            broadcasts.archived(receipt)
            return RoomAnswer(receipt.summary)
        }
        router.on("room:restore") { (request: RoomRequest, caller) in
            let receipt = try await chat.restore(request.room, by: .person(caller.identity))
            broadcasts.archived(receipt)
            return RoomAnswer(receipt.summary)
        }
        router.on("dm:open") { (request: DirectRequest, caller) in
            let receipt = try await chat.openDirect(with: request.users, by: caller.identity)
            broadcasts.opened(receipt)
            return RoomAnswer(receipt.summary)
        }
    }
}

private struct CreateRequest: Decodable, Sendable {
    var name: String
    var topic: String?
    var kind: Room.Kind?
    var members: [UserID]?
}

private struct UpdateRequest: Decodable, Sendable {
    var room: RoomID
    var name: String?
    var topic: String?
    var is_default: Bool?
    var keeps_versions: Bool?
}

struct RoomRequest: Decodable, Sendable {
    var room: RoomID
}

private struct DirectRequest: Decodable, Sendable {
    var users: [UserID]
}

struct RoomsView: Encodable, Sendable {
    var rooms: [RoomView]
}

struct RoomAnswer: Encodable, Sendable {
    var room: RoomView

    init(_ summary: RoomSummary) { room = RoomView(summary) }

    /// Without anything personal, for broadcasts.
    init(public room: Room) { self.room = RoomView(public: room) }
}
