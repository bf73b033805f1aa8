import Domain

/// Rooms and direct conversations: browsing, making, coming and going.
struct RoomHandlers: Sendable {
    let chat: Chat
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("room:list") { (_: Nothing, caller) in
            RoomsView(rooms: try await chat.rooms(by: .person(caller.identity)).map(RoomView.init))
        }
        router.on("room:create") { (request: CreateRequest, caller) in
            let actor = Actor.person(caller.identity)
            let summary = try await chat.createRoom(name: request.name, topic: request.topic ?? "", by: actor)
            broadcasts.created(summary, by: caller.identity.user.id)
            return RoomAnswer(summary)
        }
        router.on("room:join") { (request: RoomRequest, caller) in
            let receipt = try await chat.join(request.room, by: caller.identity)
            broadcasts.joined(receipt, by: caller.identity.user.id)
            return RoomAnswer(receipt.summary)
        }
        router.on("room:leave") { (request: RoomRequest, caller) in
            if let message = try await chat.leave(request.room, by: caller.identity) {
                broadcasts.left(message, by: caller.identity.user.id)
            }
            return Nothing()
        }
        router.on("room:members") { (request: RoomRequest, caller) in
            MembersView(members: try await chat.members(of: request.room, by: caller.identity).map(MemberView.init))
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
}

private struct RoomRequest: Decodable, Sendable {
    var room: RoomID
}

private struct DirectRequest: Decodable, Sendable {
    var users: [UserID]
}

struct RoomsView: Encodable, Sendable {
    var rooms: [RoomView]
}

struct MembersView: Encodable, Sendable {
    var members: [MemberView]
}

struct RoomAnswer: Encodable, Sendable {
    var room: RoomView

    init(_ summary: RoomSummary) { room = RoomView(summary) }
}
