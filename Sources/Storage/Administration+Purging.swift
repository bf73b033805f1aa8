package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Taking back everything that somebody said.
extension Administration {
    /// Messages that become tombstones in one transaction: the room is locked for a moment only, and whoever is in it
    /// can follow.
    package static let messagesPurgedAtOnce = 200

    /// How much somebody said that is not deleted, room by room, direct ones too.
    package func said(by author: UserID) async throws -> [(room: RoomID, messages: Int64)] {
        try await database.read(
            """
            SELECT room_id, count(*) FROM messages
             WHERE author_id = \(author) AND kind = 'text' AND deleted_at IS NULL
             GROUP BY room_id ORDER BY room_id
            """
        ) { row in
            try (room: row.read(), messages: row.read())
        }
    }

    /// Leaves tombstones of the next messages that somebody said in a room after `seq`, each with a number of its own,
    /// and writes down how many. Gives back what is left of them in the order of these numbers; nothing when there are
    /// no more. Throws `notFound` when the room is gone.
    package func purge(
        _ author: User,
        in room: RoomID,
        after seq: Int64,
        by actor: Actor,
        at date: Date
    ) async throws -> [Message] {
        try await database.write { transaction in
            let room = try transaction.lockRoom(room, for: actor).room
            let found = try transaction.run(
                """
                SELECT seq FROM messages
                 WHERE room_id = \(room.id) AND seq > \(seq) AND author_id = \(author.id)
                   AND kind = 'text' AND deleted_at IS NULL
                 ORDER BY seq LIMIT \(Int64(Self.messagesPurgedAtOnce))
                """
            )[0].decode { try $0.read(Int64.self) }
            guard !found.isEmpty else { return [] }
            try AuditEntry(
                .messagePurge,
                of: .user(author.id, name: author.name),
                by: actor,
                at: date,
                detail: ["room": room.id.description, "messages": "\(found.count)"]
            ).append(in: transaction)
            return try transaction.leaveTombstones(of: found, in: room, at: date)
        }
    }
}

extension Transaction {
    /// Takes the next numbers of a room for the deletion of messages, in the order of their places. Nobody is named as
    /// who deleted them. The rows stay, so that a late retry of a send cannot bring its message back.
    ///
    /// The caller holds the room as it gives it here.
    func leaveTombstones(of places: [Int64], in room: Room, at date: Date) throws -> [Message] {
        let results = try run(
            "UPDATE rooms SET last_seq = last_seq + \(Int64(places.count)) WHERE id = \(room.id)",
            """
            DELETE FROM mentions named
             USING messages m CROSS JOIN unnest(m.mentioned) AS person
             WHERE m.room_id = \(room.id) AND m.seq = ANY(\(places))
               AND named.user_id = person AND named.room_id = m.room_id AND named.seq = m.seq
            """,
            "DELETE FROM reactions WHERE room_id = \(room.id) AND seq = ANY(\(places))",
            """
            UPDATE messages m
               SET body = '', deleted_at = \(date), mentioned = NULL, reactions = NULL,
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
        return try results[4].decode(MessageTable.decode)
    }
}

extension AuditEntry.Action {
    /// Messages of somebody were deleted because their account is.
    package static let messagePurge = Self("message.purge")
}
