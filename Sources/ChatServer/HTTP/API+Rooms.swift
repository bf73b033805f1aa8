import Domain
import HTTPTypes
import Hummingbird

extension API {
    func addRoomRoutes(to router: RouterGroup<RequestScope>) {
        router.get("rooms") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.make(
                RoomsView(rooms: try await chat.rooms(by: .person(identity)).map(RoomView.init))
            )
        }
        router.post("rooms") { request, scope in
            let identity = try await identify(request, scope)
            let room = try await decode(CreateRoomRequest.self, request)
            let receipt = try await chat.createRoom(
                name: room.name,
                topic: room.topic ?? "",
                kind: room.kind ?? .public,
                members: room.members ?? [],
                by: .person(identity)
            )
            broadcasts.made(receipt)
            return try JSONResponse.make(RoomAnswer(receipt.summary), status: .created)
        }
        router.get("rooms/:room/messages") { request, scope in
            let identity = try await identify(request, scope)
            let query = request.uri.queryParameters
            let page = try Page(
                before: try number("before_seq", query),
                after: try number("after_seq", query),
                around: try number("around_seq", query)
            )
            let limit = try number("limit", query).map { Int(clamping: $0) } ?? Page.limitDefault
            return try JSONResponse.make(
                PageView(
                    try await chat.messages(
                        in: try parameter("room", as: RoomID.self, scope),
                        page: page,
                        limit: limit,
                        by: identity
                    )
                )
            )
        }
        router.post("rooms/:room/messages") { request, scope in
            let identity = try await identify(request, scope)
            guard let clientID = request.headers[HTTPField.Name("Idempotency-Key")!] else {
                throw ChatError.invalid(field: "Idempotency-Key", message: "Send an Idempotency-Key header.")
            }
            let message = try await decode(SendRequest.self, request)
            let room = try parameter("room", as: RoomID.self, scope)
            let receipt = try await chat.send(
                try Draft(room: room, clientID: clientID, body: message.body, replyTo: message.reply_to),
                by: identity
            )
            if !receipt.duplicate { broadcasts.created(receipt.message) }
            return try JSONResponse.make(ReceiptView(receipt), status: receipt.duplicate ? .ok : .created)
        }
    }
}

private struct CreateRoomRequest: Decodable {
    var name: String
    var topic: String?
    var kind: Room.Kind?
    var members: [UserID]?
}

private struct SendRequest: Decodable {
    var body: String
    var reply_to: Int64?
}
