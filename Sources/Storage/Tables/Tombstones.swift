import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Transaction {
    /// Takes the next numbers of a room for the deletion of messages, in the order of their places. The rows stay, so
    /// that a late retry of a send cannot bring its message back.
    ///
    /// The caller holds the room as it gives it here.
    ///
    /// - Parameter user: Who deletes them; nil for the owner of the machine.
    func leaveTombstones(of places: [Int64], in room: Room, by user: UserID?, at date: Date) throws -> [Message] {
        let results = try run(
            "UPDATE rooms SET last_seq = last_seq + \(Int64(places.count)) WHERE id = \(room.id)",
            """
            DELETE FROM mentions named
             USING messages m CROSS JOIN unnest(m.mentioned) AS person
             WHERE m.room_id = \(room.id) AND m.seq = ANY(\(places))
               AND named.user_id = person AND named.room_id = m.room_id AND named.seq = m.seq
            """,
            "DELETE FROM reactions WHERE room_id = \(room.id) AND seq = ANY(\(places))",
            "DELETE FROM message_versions WHERE room_id = \(room.id) AND seq = ANY(\(places))",
            "DELETE FROM attachments WHERE room_id = \(room.id) AND seq = ANY(\(places))",
            """
            UPDATE messages m
               SET body = '', deleted_at = \(date), deleted_by = \(user), mentioned = NULL, reactions = NULL,
                   attachments = NULL,
                   sent_hash = COALESCE(m.sent_hash, sha256(convert_to(m.body, 'UTF8'))),
                   changed_seq = \(room.lastSeq) + deleted.position
              FROM unnest(\(places)) WITH ORDINALITY AS deleted (seq, position)
             WHERE m.room_id = \(room.id) AND m.seq = deleted.seq
            """,
            """
            SELECT \(MessageTable.columns) FROM messages m
             WHERE m.room_id = \(room.id) AND m.changed_seq > \(room.lastSeq) ORDER BY m.changed_seq
            """
        )
        return try results[6].decode(MessageTable.decode)
    }
}
