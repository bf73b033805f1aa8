extension Chat {
    /// A page of history has at most this many messages.
    package static let pageLimitMax = 200

    /// Says something in a room of the person and returns the row once it is durable. The same client id can be sent
    /// for ever and lands once.
    ///
    /// Throws `notFound`, `archived`, `forbidden` to someone who is muted, `invalid`, `idempotencyMismatch`,
    /// `rateLimited`, `unavailable`.
    package func send(_ draft: Draft, by identity: Identity) async throws -> SendReceipt {
        try Operation.sendMessage.authorize(identity)
        try countWrite(in: draft.room, by: identity)
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

    /// One message by its place, as a permalink names it. Throws `notFound`.
    package func message(_ seq: Int64, in room: RoomID, by identity: Identity) async throws -> Message {
        try Operation.showMessage.authorize(identity)
        guard let message = try await messages.find(seq, in: room, for: identity.user.id) else {
            throw ChatError.notFound
        }
        return message
    }

    /// What an edited message of a room of the person said before, the latest first; nothing where the room does not
    /// keep it. Throws `notFound`.
    package func versions(of seq: Int64, in room: RoomID, by identity: Identity) async throws -> [MessageVersion] {
        try Operation.listVersions.authorize(identity)
        guard let versions = try await messages.versions(of: seq, in: room, for: identity.user.id) else {
            throw ChatError.notFound
        }
        return versions
    }

    /// Replaces the text of an own message, which only one with images can lose; whom it names is found anew. Throws
    /// `invalid`, `tooLarge`, `notFound`, `forbidden`, `archived`.
    package func edit(_ seq: Int64, in room: RoomID, body: String, by identity: Identity) async throws -> ChangeReceipt
    {
        try Operation.editMessage.authorize(identity)
        try countWrite(in: room, by: identity)
        return try await messages.edit(seq, in: room, body: Body(body, mayBeEmpty: true), by: identity, at: clock.now)
    }

    /// Takes back an own message, or anybody's for those who moderate the room; what is left is a tombstone. Once is
    /// enough. Throws `notFound`, `forbidden`.
    package func delete(_ seq: Int64, in room: RoomID, by identity: Identity) async throws -> ChangeReceipt {
        try Operation.deleteMessage.authorize(identity)
        try countWrite(in: room, by: identity)
        return try await messages.delete(seq, in: room, by: identity, at: clock.now)
    }

    /// Adds a reaction to a message of a room of the person, or takes it back; once is enough. Throws `invalid`,
    /// `notFound`, `forbidden`, `archived`, and `conflict` for one emoji too many.
    package func react(
        to seq: Int64,
        in room: RoomID,
        with emoji: String,
        adding: Bool,
        by identity: Identity
    ) async throws -> ReactionReceipt {
        try Operation.react.authorize(identity)
        try countWrite(in: room, by: identity)
        return try await messages.react(
            to: seq,
            in: room,
            with: Emoji(emoji),
            adding: adding,
            by: identity,
            at: clock.now
        )
    }

    /// Whatever makes others read something counts alike.
    private func countWrite(in room: RoomID, by identity: Identity) throws {
        try limiter.count(.sendIn(room), by: identity.user.id)
        try limiter.count(.send, by: identity.user.id)
    }
}
