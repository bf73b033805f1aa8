import Domain

/// Sending, changing and reading messages.
struct MessageHandlers: Sendable {
    let chat: Chat
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("message:send") { (request: SendRequest, caller) in
            let draft = try Draft(
                room: request.room,
                clientID: request.client_id,
                body: request.body ?? "",
                replyTo: request.reply_to,
                attachments: request.attachments ?? []
            )
            let receipt = try await chat.send(draft, by: caller.identity)
            // A retry was announced the first time; if that news was lost, the sweep brings it.
            if !receipt.duplicate { broadcasts.created(receipt.message) }
            return ReceiptView(receipt)
        }
        router.on("message:edit") { (request: EditRequest, caller) in
            let receipt = try await chat.edit(request.seq, in: request.room, body: request.body, by: caller.identity)
            broadcasts.edited(receipt)
            return MessageAnswer(receipt.message)
        }
        router.on("message:delete") { (request: MessageRequest, caller) in
            let receipt = try await chat.delete(request.seq, in: request.room, by: caller.identity)
            broadcasts.deleted(receipt)
            return MessageAnswer(receipt.message)
        }
        router.on("message:get") { (request: MessageRequest, caller) in
            MessageAnswer(try await chat.message(request.seq, in: request.room, by: caller.identity))
        }
        router.on("message:versions") { (request: MessageRequest, caller) in
            VersionsAnswer(try await chat.versions(of: request.seq, in: request.room, by: caller.identity))
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
        router.on("message:search") { (request: SearchRequest, caller) in
            SearchView(
                try await chat.search(
                    request.query,
                    in: request.room,
                    cursor: request.cursor,
                    limit: request.limit ?? Chat.searchLimitDefault,
                    by: caller.identity
                )
            )
        }
        for (event, adding) in [("reaction:add", true), ("reaction:remove", false)] {
            router.on(event) { (request: ReactionRequest, caller) in
                let receipt = try await chat.react(
                    to: request.seq,
                    in: request.room,
                    with: request.emoji,
                    adding: adding,
                    by: caller.identity
                )
                broadcasts.reacted(receipt)
                return ReactionAnswer(receipt)
            }
        }
    }
}

private struct SendRequest: Decodable, Sendable {
    var room: RoomID
    var client_id: String
    var body: String?
    var reply_to: Int64?
    var attachments: [AttachmentID]?
}

private struct EditRequest: Decodable, Sendable {
    var room: RoomID
    var seq: Int64
    var body: String
}

private struct MessageRequest: Decodable, Sendable {
    var room: RoomID
    var seq: Int64
}

private struct ReactionRequest: Decodable, Sendable {
    var room: RoomID
    var seq: Int64
    var emoji: String
}

private struct SearchRequest: Decodable, Sendable {
    var query: String
    var room: RoomID?
    var cursor: String?
    var limit: Int?
}

private struct ListRequest: Decodable, Sendable {
    var room: RoomID
    var before_seq: Int64?
    var after_seq: Int64?
    var around_seq: Int64?
    var limit: Int?
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
