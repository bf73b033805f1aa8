import Domain

/// Sending, reading and marking as read.
struct MessageHandlers: Sendable {
    let chat: Chat
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("message:send") { (request: SendRequest, caller) in
            let draft = try Draft(room: request.room, clientID: request.client_id, body: request.body)
            let receipt = try await chat.send(draft, by: caller.identity)
            // A retry was announced the first time; if that news was lost, the sweep brings it.
            if !receipt.duplicate { broadcasts.created(receipt.message) }
            return ReceiptView(receipt)
        }
        router.on("message:list") { (request: ListRequest, caller) in
            PageView(
                try await chat.messages(
                    in: request.room,
                    page: try Page(before: request.before_seq, after: request.after_seq, around: request.around_seq),
                    limit: request.limit ?? Page.limitDefault,
                    by: caller.identity
                )
            )
        }
        router.on("read:set") { (request: ReadRequest, caller) in
            let view = ReadView(try await chat.markRead(request.room, upTo: request.seq, by: caller.identity))
            broadcasts.read(view, by: caller.identity.user.id)
            return view
        }
    }
}

private struct SendRequest: Decodable, Sendable {
    var room: RoomID
    var client_id: String
    var body: String
}

private struct ListRequest: Decodable, Sendable {
    var room: RoomID
    var before_seq: Int64?
    var after_seq: Int64?
    var around_seq: Int64?
    var limit: Int?
}

private struct ReadRequest: Decodable, Sendable {
    var room: RoomID
    var seq: Int64
}

extension Page {
    /// Messages on a page when the request does not say.
    static let limitDefault = 50

    /// At most one of the three; none means the latest.
    ///
    /// - Throws: `ChatError.invalid` when there are several.
    init(before: Int64?, after: Int64?, around: Int64?) throws {
        switch (before, after, around) {
        case (nil, nil, nil): self = .latest
        case (let seq?, nil, nil): self = .before(seq)
        case (nil, let seq?, nil): self = .after(seq)
        case (nil, nil, let seq?): self = .around(seq)
        default:
            throw ChatError.invalid(field: "before_seq", message: "Name one of before_seq, after_seq and around_seq.")
        }
    }
}
