package import Domain

extension RoomTable {
    package func markRead(_ id: RoomID, user: UserID, upTo seq: Int64) async throws -> RoomSummary {
        try await database.write { transaction in
            // read_n is the ordinal of the last message at or below the position. A position beyond the end counts as
            // the end, so that a client cannot mark as read what nobody has written.
            let summary = try transaction.run(
                """
                UPDATE members member
                   SET read_seq = GREATEST(member.read_seq, LEAST(\(seq), r.last_seq)),
                       read_n = GREATEST(member.read_n,
                           CASE WHEN \(seq) >= r.last_seq THEN r.msg_count
                           ELSE (SELECT m.n FROM messages m
                                  WHERE m.room_id = \(id) AND m.seq <= \(seq) AND m.n IS NOT NULL
                                  ORDER BY m.seq DESC LIMIT 1) END)
                  FROM rooms r
                 WHERE member.room_id = \(id) AND member.user_id = \(user) AND r.id = \(id)
                   AND member.read_seq < LEAST(\(seq), r.last_seq)
                """,
                Self.summary(of: id, for: user)
            )[1].first(Self.decodeSummary)
            guard let summary, summary.joined else { throw ChatError.notFound }
            return summary
        }
    }

    package func previewRead(_ id: RoomID, user: UserID, upTo seq: Int64) async throws -> RoomSummary? {
        try await database.read(
            """
            SELECT \(Self.columns), member.role, position.seq, GREATEST(r.msg_count - position.n, 0),
                   (SELECT count(*) FROM mentions
                     WHERE user_id = member.user_id AND room_id = member.room_id AND seq > position.seq),
                   NULL, member.notify_level, member.muted_until
              FROM members member
              JOIN rooms r ON r.id = member.room_id
             CROSS JOIN LATERAL (
                   SELECT GREATEST(member.read_seq, LEAST(\(seq), r.last_seq)) AS seq,
                          GREATEST(member.read_n,
                              CASE WHEN \(seq) >= r.last_seq THEN r.msg_count
                              ELSE (SELECT m.n FROM messages m
                                     WHERE m.room_id = r.id AND m.seq <= \(seq) AND m.n IS NOT NULL
                                     ORDER BY m.seq DESC LIMIT 1) END) AS n) AS position
             WHERE member.room_id = \(id) AND member.user_id = \(user)
            """,
            Self.decodeSummary
        ).first
    }

    package func markUnread(_ id: RoomID, user: UserID, from seq: Int64) async throws -> RoomSummary {
        try await database.write { transaction in
            let summary = try transaction.run(
                """
                UPDATE members member
                   SET read_seq = LEAST(member.read_seq, GREATEST(\(seq), 1) - 1),
                       read_n = LEAST(member.read_n,
                           COALESCE((SELECT m.n FROM messages m
                                      WHERE m.room_id = \(id) AND m.seq < \(seq) AND m.n IS NOT NULL
                                      ORDER BY m.seq DESC LIMIT 1), 0))
                 WHERE member.room_id = \(id) AND member.user_id = \(user) AND member.read_seq >= \(seq)
                """,
                Self.summary(of: id, for: user)
            )[1].first(Self.decodeSummary)
            guard let summary, summary.joined else { throw ChatError.notFound }
            return summary
        }
    }
}
