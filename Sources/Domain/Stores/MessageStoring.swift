#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where messages are kept. What is returned is committed.
package protocol MessageStoring: Sendable {
    /// Adds a message at the end of its room, once for a client id.
    ///
    /// Throws `notFound` when the author is not a member, `archived`, `forbidden` when they are muted, `invalid` when
    /// they answer what is not there or name an image that is not theirs to send, `idempotencyMismatch` when the client id
    /// was used for other content, `unavailable` when the outcome is unknown: then the same message may be sent again.
    func append(_ message: NewMessage) async throws -> SendReceipt
    /// Replaces the text of an own message.
    ///
    /// Throws `notFound` for strangers and for what was deleted, `forbidden` for another's message and for someone who
    /// is muted, `archived`.
    func edit(_ seq: Int64, in room: RoomID, body: Body, by identity: Identity, at date: Date) async throws
        -> ChangeReceipt
    /// Leaves a tombstone of an own message or, for those who moderate the room, of anybody's. Throws `notFound`,
    /// `forbidden`.
    func delete(_ seq: Int64, in room: RoomID, by identity: Identity, at date: Date) async throws -> ChangeReceipt
    /// Adds a reaction or takes it back. Throws `notFound`, `forbidden` for someone who is muted, `archived`, and
    /// `conflict`, field `emoji`, for one emoji too many.
    func react(
        to seq: Int64,
        in room: RoomID,
        with emoji: Emoji,
        adding: Bool,
        by identity: Identity,
        at date: Date
    ) async throws -> ReactionReceipt
    /// One entry of a room of this person; nil for anybody else.
    func find(_ seq: Int64, in room: RoomID, for user: UserID) async throws -> Message?
    /// What a message said before it was edited, the latest first and at most `MessageVersion.countMax`; nil when it is
    /// not there or `user` is not a member.
    func versions(of seq: Int64, in room: RoomID, for user: UserID) async throws -> [MessageVersion]?
    /// A part of a room's history; nil when `user` is not a member.
    func page(_ page: Page, in room: RoomID, limit: Int, for user: UserID) async throws -> MessagePage?
    /// Messages in the rooms of this person, or in one of them, the newest first.
    func search(
        _ query: SearchQuery,
        in room: RoomID?,
        after cursor: SearchCursor?,
        limit: Int,
        for user: UserID
    ) async throws -> SearchPage
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
    /// What changed after `seq`, at most `limit` rows, for delivery inside the server.
    func changed(in room: RoomID, after seq: Int64, limit: Int) async throws -> RoomTail
    /// The same without what people said: who came, who went, and what became of the room.
    func admissions(in room: RoomID, after seq: Int64, limit: Int) async throws -> RoomTail
}
