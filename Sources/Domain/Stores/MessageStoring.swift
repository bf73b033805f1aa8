/// Where messages are kept. What is returned is committed.
package protocol MessageStoring: Sendable {
    /// Adds a message at the end of its room, once for a client id.
    ///
    /// Throws `notFound` when the author is not a member, `archived`, `idempotencyMismatch` when the client id was
    /// used for other content, `unavailable` when the outcome is unknown: then the same message may be sent again.
    func append(_ message: NewMessage) async throws -> SendReceipt
    /// A part of a room's history; nil when `user` is not a member.
    func page(_ page: Page, in room: RoomID, limit: Int, for user: UserID) async throws -> MessagePage?
    /// What changed in rooms of this person after the positions given; other rooms are left out. A room whose answer
    /// would need more than `limit` rows, or whose position lies ahead of the room, is reset to its latest
    /// `resetLimit` messages.
    func changes(
        since positions: [RoomPosition],
        limit: Int,
        resetLimit: Int,
        for user: UserID
    ) async throws -> [RoomChanges]
    /// The people who speak in these answers or share a direct room with `user`, then others, `limit` in all.
    func people(for user: UserID, authors: [UserID], limit: Int) async throws -> [User]

    /// The last number of each of these rooms, for delivery inside the server. Rooms that do not exist are left out.
    func latestSequences(of rooms: [RoomID]) async throws -> [RoomID: Int64]
    /// Rows changed after `seq`, ascending by `changedSeq`, for delivery inside the server.
    func changed(in room: RoomID, after seq: Int64, limit: Int) async throws -> [Message]
}
