package import Domain

/// Rooms and memberships in PostgreSQL. What a person asks for is found through their membership.
package struct RoomTable: RoomStoring {
    let database: Database

    static let columns: SQL.Fragment =
        "r.id, r.kind, r.name, r.topic, r.last_seq, r.msg_count, r.created_at, r.archived_at"

    static func decode(_ row: inout Row) throws -> Room {
        try Room(
            id: row.read(),
            kind: row.read(),
            name: row.readIfPresent(),
            topic: row.read(),
            lastSeq: row.read(),
            messageCount: row.read(),
            createdAt: row.read(),
            archivedAt: row.readIfPresent()
        )
    }

    /// What stands behind the columns of the room in a summary; `member` is the person's own row.
    static let summaryColumns: SQL.Fragment = """
        member.role, member.read_seq, GREATEST(r.msg_count - member.read_n, 0),
        (SELECT count(*) FROM mentions
          WHERE user_id = member.user_id AND room_id = member.room_id AND seq > member.read_seq),
        CASE r.kind WHEN 'direct'
             THEN ARRAY (SELECT p.user_id FROM members p WHERE p.room_id = r.id ORDER BY p.user_id) END
        """

    static func decodeSummary(_ row: inout Row) throws -> RoomSummary {
        try RoomSummary(
            room: decode(&row),
            role: row.readIfPresent(),
            readSeq: row.readIfPresent() ?? 0,
            unread: row.readIfPresent() ?? 0,
            mentions: row.readIfPresent() ?? 0,
            people: row.readIfPresent() ?? []
        )
    }

    package func listAll() async throws -> [RoomSummary] {
        try await database.read(
            "SELECT \(Self.columns), NULL, NULL, NULL, NULL, NULL FROM rooms r WHERE r.kind <> 'direct' ORDER BY r.name",
            Self.decodeSummary
        )
    }

    package func list(for user: UserID) async throws -> [RoomSummary] {
        // Two halves with an index each; as one condition with OR it would read everybody's direct rooms.
        try await database.read(
            """
            SELECT \(Self.columns), \(Self.summaryColumns)
              FROM members member JOIN rooms r ON r.id = member.room_id
             WHERE member.user_id = \(user)
             UNION ALL
            SELECT \(Self.columns), NULL, NULL, NULL, NULL, NULL
              FROM rooms r
             WHERE r.kind = 'public' AND r.archived_at IS NULL
               AND NOT EXISTS (SELECT FROM members m WHERE m.room_id = r.id AND m.user_id = \(user))
             ORDER BY 3, 1
            """,
            Self.decodeSummary
        )
    }

    package func find(_ id: RoomID, for user: UserID) async throws -> RoomSummary? {
        try await database.read(Self.summary(of: id, for: user), Self.decodeSummary).first
    }

    static func summary(of id: RoomID, for user: UserID) -> SQL {
        """
        SELECT \(columns), \(summaryColumns)
          FROM members member JOIN rooms r ON r.id = member.room_id
         WHERE member.user_id = \(user) AND member.room_id = \(id)
        """
    }

    package func members(of id: RoomID, for user: UserID) async throws -> [Member]? {
        let members = try await database.read(
            """
            SELECT \(UserTable.columns), m.role
              FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.room_id = \(id)
               AND EXISTS (SELECT FROM members own WHERE own.room_id = \(id) AND own.user_id = \(user))
             ORDER BY u.name
            """
        ) { row in
            try Member(user: UserTable.decode(&row), role: row.read())
        }
        return members.isEmpty ? nil : members
    }

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
            guard let summary else { throw ChatError.notFound }
            return summary
        }
    }
}
