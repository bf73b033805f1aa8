import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An entry of a room's sequence that is not a message: it takes a `seq` but no `n`, so it makes nothing unread.
///
/// The caller holds the lock of the room's row.
struct RoomEntry {
    private let kind: Message.Kind
    private let room: RoomID
    private let author: UserID?
    private let target: UserID?
    private let detail: String?
    private let date: Date

    init(
        _ kind: Message.Kind,
        in room: RoomID,
        by author: UserID?,
        target: UserID? = nil,
        detail: String? = nil,
        at date: Date
    ) {
        self.kind = kind
        self.room = room
        self.author = author
        self.target = target
        self.detail = detail
        self.date = date
    }

    /// Takes the next number of the room and stores the entry.
    func append(in transaction: Transaction) throws -> Message {
        try transaction.run(
            """
            WITH moved AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = \(room) RETURNING last_seq)
            INSERT INTO messages AS m (id, room_id, seq, changed_seq, kind, author_id, target_id, detail, body, created_at)
            SELECT \(MessageID.new(at: date)), \(room), last_seq, last_seq, \(kind.rawValue), \(author), \(target),
                   \(detail), '', \(date)
              FROM moved
            RETURNING \(MessageTable.columns)
            """
        )[0].first(MessageTable.decode)!
    }

    /// Makes the target, else the author, a member and stores the entry that tells of it; nil when they are one
    /// already. All that was said before counts as read, and whoever was muted stays so.
    func admit(role: RoomRole = .member, in transaction: Transaction) throws -> Message? {
        let user = target ?? author
        let admitted = try transaction.run(
            """
            INSERT INTO members (room_id, user_id, role, joined_seq, read_seq, read_n, joined_at, muted_until)
            SELECT r.id, \(user), \(role.rawValue), r.last_seq + 1, r.last_seq + 1, r.msg_count, \(date),
                   (SELECT until FROM room_mutes WHERE room_id = r.id AND user_id = \(user))
              FROM rooms r WHERE r.id = \(room)
                ON CONFLICT (room_id, user_id) DO NOTHING
            """
        )[0]
        return admitted.affected == 1 ? try append(in: transaction) : nil
    }
}
