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
    private let date: Date

    init(_ kind: Message.Kind, in room: RoomID, by author: UserID?, at date: Date) {
        self.kind = kind
        self.room = room
        self.author = author
        self.date = date
    }

    /// Takes the next number of the room and stores the entry.
    func append(in transaction: Transaction) throws -> Message {
        try transaction.run(
            """
            WITH moved AS (UPDATE rooms SET last_seq = last_seq + 1 WHERE id = \(room) RETURNING last_seq)
            INSERT INTO messages AS m (id, room_id, seq, changed_seq, kind, author_id, body, created_at)
            SELECT \(MessageID.new(at: date)), \(room), last_seq, last_seq, \(kind.rawValue), \(author), '', \(date)
              FROM moved
            RETURNING \(MessageTable.columns)
            """
        )[0].first(MessageTable.decode)!
    }

    /// Makes the author a member and stores the entry that tells of it; nil when they are one already. All that was
    /// said before counts as read.
    func join(role: RoomRole = .member, in transaction: Transaction) throws -> Message? {
        let joined = try transaction.run(
            """
            INSERT INTO members (room_id, user_id, role, joined_seq, read_seq, read_n)
            SELECT id, \(author), \(role.rawValue), last_seq + 1, last_seq + 1, msg_count
              FROM rooms WHERE id = \(room)
                ON CONFLICT (room_id, user_id) DO NOTHING
            """
        )[0]
        return joined.affected == 1 ? try append(in: transaction) : nil
    }
}
