import Domain
import Foundation
import HTTPTypes
import Hummingbird

extension API {
    func addMessageRoutes(to router: RouterGroup<RequestScope>) {
        router.get("rooms/:room/messages") { request, scope in
            let identity = try await identify(request, scope)
            let query = request.query
            let page = try Page(
                before: try number("before_seq", query),
                after: try number("after_seq", query),
                around: try number("around_seq", query)
            )
            let limit = try number("limit", query).map { Int(clamping: $0) } ?? Page.limitDefault
            return try JSONResponse.make(
                PageView(try await chat.messages(in: try room(scope), page: page, limit: limit, by: identity))
            )
        }
        router.post("rooms/:room/messages") { request, scope in
            let identity = try await identify(request, scope)
            let clientID = try idempotencyKey(request)
            let message = try await decode(SendRequest.self, request)
            let receipt = try await chat.send(
                try await naming("Idempotency-Key", for: "client_id") {
                    try Draft(
                        room: try room(scope),
                        clientID: clientID,
                        body: message.body ?? "",
                        replyTo: message.reply_to,
                        attachments: message.attachments ?? []
                    )
                },
                by: identity
            )
            if !receipt.duplicate { broadcasts.created(receipt.message) }
            return try JSONResponse.make(ReceiptView(receipt), status: receipt.duplicate ? .ok : .created)
        }
        router.get("rooms/:room/messages/:seq") { request, scope in
            let identity = try await identify(request, scope)
            let message = try await chat.message(try seq(scope), in: try room(scope), by: identity)
            return try JSONResponse.make(MessageAnswer(message))
        }
        router.get("rooms/:room/messages/:seq/versions") { request, scope in
            let identity = try await identify(request, scope)
            let versions = try await chat.versions(of: try seq(scope), in: try room(scope), by: identity)
            return try JSONResponse.make(VersionsAnswer(versions))
        }
        router.patch("rooms/:room/messages/:seq") { request, scope in
            let identity = try await identify(request, scope)
            let body = try await decode(EditRequest.self, request).body
            let receipt = try await chat.edit(try seq(scope), in: try room(scope), body: body, by: identity)
            broadcasts.edited(receipt)
            return try JSONResponse.make(MessageAnswer(receipt.message))
        }
        router.delete("rooms/:room/messages/:seq") { request, scope in
            let identity = try await identify(request, scope)
            let receipt = try await chat.delete(try seq(scope), in: try room(scope), by: identity)
            broadcasts.deleted(receipt)
            return try JSONResponse.make(MessageAnswer(receipt.message))
        }
        router.put("rooms/:room/messages/:seq/reactions/:emoji") { request, scope in
            try await react(adding: true, request, scope)
        }
        router.delete("rooms/:room/messages/:seq/reactions/:emoji") { request, scope in
            try await react(adding: false, request, scope)
        }
        router.get("rooms/:room/changes") { request, scope in
            let identity = try await identify(request, scope)
            let query = request.query
            let changes = try await chat.changes(
                in: try room(scope),
                since: try number("since", query) ?? 0,
                limit: try number("limit", query).map { Int(clamping: $0) } ?? Chat.changesLimitDefault,
                by: identity
            )
            return try JSONResponse.make(ChangesView(changes))
        }
        router.put("rooms/:room/read") { request, scope in
            let identity = try await identify(request, scope)
            let seq = try await decode(ReadRequest.self, request).seq
            let view = ReadView(try await markers.set(try room(scope), upTo: seq, by: identity))
            broadcasts.read(view, by: identity.user.id)
            return try JSONResponse.make(view)
        }
        router.get("search") { request, scope in
            let identity = try await identify(request, scope)
            let query = request.query
            let room = try query["room"].map { text in
                guard let id = RoomID(text) else { throw ChatError.notFound }
                return id
            }
            let limit = try number("limit", query).map { Int(clamping: $0) } ?? Chat.searchLimitDefault
            let page = try await naming("q", for: "query") {
                try await chat.search(
                    query["q"] ?? "",
                    in: room,
                    cursor: query["cursor"],
                    limit: limit,
                    by: identity
                )
            }
            return try JSONResponse.make(SearchView(page))
        }
    }

    private func react(adding: Bool, _ request: Request, _ scope: RequestScope) async throws -> Response {
        let identity = try await identify(request, scope)
        let receipt = try await chat.react(
            to: try seq(scope),
            in: try room(scope),
            with: scope.parameters.get("emoji")?.removingPercentEncoding ?? "",
            adding: adding,
            by: identity
        )
        broadcasts.reacted(receipt)
        return try JSONResponse.make(ReactionAnswer(receipt))
    }

    func room(_ scope: RequestScope) throws -> RoomID { try parameter("room", as: RoomID.self, scope) }

    private func seq(_ scope: RequestScope) throws -> Int64 { try parameter("seq", as: Int64.self, scope) }
}

private struct SendRequest: Decodable {
    var body: String?
    var reply_to: Int64?
    var attachments: [AttachmentID]?
}

private struct EditRequest: Decodable {
    var body: String
}

private struct ReadRequest: Decodable {
    var seq: Int64
}
