package import Domain

extension MessageTable {
    package func changes(
        since positions: [RoomPosition],
        limit: Int,
        resetLimit: Int,
        for user: UserID
    ) async throws -> [RoomChanges] {
        // One statement, so one snapshot: `last_seq` and the rows belong together. Counting stops at the limit. OFFSET 0
        // keeps the planner from putting the counting in the place of each `reset`, where it would run for every row.
        let rows = try await database.read(
            """
            SELECT r.id, asked.have, r.last_seq, answer.reset, m.id IS NOT NULL, \(messageFor: user)
              FROM unnest(\(positions.map(\.room)), \(positions.map(\.have)), \(positions.map(\.unknown)))
                   WITH ORDINALITY AS asked (room_id, have, is_unknown, position)
              JOIN members own ON own.room_id = asked.room_id AND own.user_id = \(user)
              JOIN rooms r ON r.id = asked.room_id
             CROSS JOIN LATERAL (
                   SELECT asked.is_unknown OR asked.have > r.last_seq
                       OR (SELECT count(*) FROM (SELECT FROM messages
                                                  WHERE room_id = asked.room_id AND changed_seq > asked.have
                                                  LIMIT \(Int64(limit + 1))) AS missing) > \(Int64(limit)) AS reset
                   OFFSET 0
                   ) AS answer
              LEFT JOIN LATERAL (
                   (SELECT * FROM messages
                     WHERE NOT answer.reset AND room_id = asked.room_id AND changed_seq > asked.have
                     ORDER BY changed_seq LIMIT \(Int64(limit)))
                    UNION ALL
                   (SELECT * FROM messages
                     WHERE answer.reset AND room_id = asked.room_id
                     ORDER BY seq DESC LIMIT \(Int64(resetLimit)))
                   ) AS m ON true
             ORDER BY asked.position, CASE WHEN answer.reset THEN m.seq ELSE m.changed_seq END
            """
        ) { row in
            try ChangeRow(
                room: row.read(),
                have: row.read(),
                lastSeq: row.read(),
                reset: row.read(),
                message: row.read() ? Self.decodePersonal(&row) : nil
            )
        }
        return Self.gather(rows)
    }

    private struct ChangeRow {
        let room: RoomID
        let have: Int64
        let lastSeq: Int64
        let reset: Bool
        let message: Message?
    }

    /// Puts together the rows of each room, which stand next to each other.
    private static func gather(_ rows: [ChangeRow]) -> [RoomChanges] {
        var answers: [RoomChanges] = []
        var start = rows.startIndex
        while start < rows.endIndex {
            let first = rows[start]
            let end = rows[start...].firstIndex { $0.room != first.room } ?? rows.endIndex
            answers.append(
                RoomChanges(
                    room: first.room,
                    from: first.have,
                    to: first.lastSeq,
                    messages: rows[start..<end].compactMap(\.message),
                    reset: first.reset
                )
            )
            start = end
        }
        return answers
    }

    package func people(for user: UserID, authors: [UserID], limit: Int) async throws -> [User] {
        // First whom the answer needs, then anybody, so that small chats have everybody at hand.
        try await database.read(
            """
            WITH needed AS (
                SELECT unnest(\(authors)) AS id
                 UNION
                SELECT other.user_id
                  FROM members own
                  JOIN rooms r ON r.id = own.room_id AND r.kind = 'direct'
                  JOIN members other ON other.room_id = r.id
                 WHERE own.user_id = \(user)
            )
            (SELECT \(UserTable.columns) FROM needed JOIN users u USING (id) LIMIT \(Int64(limit)))
             UNION
            (SELECT \(UserTable.columns) FROM users u ORDER BY u.id LIMIT \(Int64(limit)))
             LIMIT \(Int64(limit))
            """,
            UserTable.decode
        )
    }
}
