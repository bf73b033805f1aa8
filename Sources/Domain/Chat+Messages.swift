extension Chat {
    /// A page of history has at most this many messages.
    package static let pageLimitMax = 200

    /// Says something in a room of the person and returns the row once it is durable. The same client id can be sent
    /// for ever and lands once.
    ///
    /// Throws `notFound`, `archived`, `idempotencyMismatch`, `unavailable`.
    package func send(_ draft: Draft, by identity: Identity) async throws -> SendReceipt {
        try Operation.sendMessage.authorize(identity)
        let now = clock.now
        return try await messages.append(
            NewMessage(id: .new(at: now), draft: draft, author: identity.user.id, createdAt: now)
        )
    }

    /// A part of the history of a room of the person. A `limit` outside 1…200 is taken as the nearest bound. Throws
    /// `notFound`.
    package func messages(
        in room: RoomID,
        page: Page = .latest,
        limit: Int = 50,
        by identity: Identity
    ) async throws -> MessagePage {
        try Operation.listMessages.authorize(identity)
        let limit = min(max(limit, 1), Self.pageLimitMax)
        guard let page = try await messages.page(page, in: room, limit: limit, for: identity.user.id) else {
            throw ChatError.notFound
        }
        return page
    }

    /// The person has read the room up to `seq`. Late and repeated calls never move the position back. Throws
    /// `notFound`.
    package func markRead(_ room: RoomID, upTo seq: Int64, by identity: Identity) async throws -> RoomSummary {
        try Operation.markRead.authorize(identity)
        return try await rooms.markRead(room, user: identity.user.id, upTo: seq)
    }
}
