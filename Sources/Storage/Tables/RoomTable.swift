package import Domain

/// Rooms and memberships in PostgreSQL. What a person asks for is found through their membership.
package struct RoomTable: RoomStoring {
    let database: Database

    static let columns: SQL.Fragment = """
        r.id, r.kind, r.name, r.topic, r.last_seq, r.msg_count, r.last_at, r.is_default, r.keeps_versions,
        r.created_at, r.archived_at
        """

    static func decode(_ row: inout Row) throws -> Room {
        try Room(
            id: row.read(),
            kind: row.read(),
            name: row.readIfPresent(),
            topic: row.read(),
            lastSeq: row.read(),
            messageCount: row.read(),
            lastAt: row.readIfPresent(),
            isDefault: row.read(),
            keepsVersions: row.read(),
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
             THEN ARRAY (SELECT p.user_id FROM members p WHERE p.room_id = r.id ORDER BY p.user_id) END,
        member.notify_level, member.muted_until
        """

    /// The same for someone who is no member.
    static let strangerColumns: SQL.Fragment = "NULL, NULL, NULL, NULL, NULL, NULL, NULL"

    static func decodeSummary(_ row: inout Row) throws -> RoomSummary {
        try RoomSummary(
            room: decode(&row),
            role: row.readIfPresent(),
            readSeq: row.readIfPresent() ?? 0,
            unread: row.readIfPresent() ?? 0,
            mentions: row.readIfPresent() ?? 0,
            people: row.readIfPresent() ?? [],
            notifyLevel: row.readIfPresent(),
            mutedUntil: row.readIfPresent()
        )
    }

    package func listAll() async throws -> [RoomSummary] {
        try await database.read(
            "SELECT \(Self.columns), \(Self.strangerColumns) FROM rooms r WHERE r.kind <> 'direct' ORDER BY r.name",
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
            SELECT \(Self.columns), \(Self.strangerColumns)
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

    /// The room as this person sees it: as a member, or a public one from outside.
    static func summary(of id: RoomID, for user: UserID) -> SQL {
        """
        SELECT \(columns), \(summaryColumns)
          FROM rooms r LEFT JOIN members member ON member.room_id = r.id AND member.user_id = \(user)
         WHERE r.id = \(id) AND (member.user_id IS NOT NULL OR r.kind = 'public')
        """
    }

    /// The room as the actor sees it; the owner of the machine sees every room from outside.
    static func summary(of id: RoomID, for actor: Actor) -> SQL {
        guard let user = actor.user else {
            return "SELECT \(columns), \(strangerColumns) FROM rooms r WHERE r.id = \(id)"
        }
        return summary(of: id, for: user.id)
    }

    package func acquainted(_ people: [UserID], with user: UserID) async throws -> [UserID] {
        try await database.read(
            """
            SELECT DISTINCT asked.id FROM unnest(\(people)) AS asked (id)
             WHERE EXISTS (SELECT FROM members own JOIN members other ON other.room_id = own.room_id
                            WHERE own.user_id = \(user) AND other.user_id = asked.id)
            """
        ) { try $0.read() }
    }

    package func memberCount(of id: RoomID, atMost limit: Int, for user: UserID) async throws -> Int? {
        let counts = try await database.read(
            """
            SELECT (SELECT count(*) FROM (SELECT FROM members WHERE room_id = own.room_id LIMIT \(Int64(limit))) AS few)
              FROM members own WHERE own.room_id = \(id) AND own.user_id = \(user)
            """
        ) { try $0.read(Int64.self) }
        return counts.first.map(Int.init)
    }

    package func members(of id: RoomID, for user: UserID) async throws -> [Member]? {
        let members = try await database.read(
            """
            SELECT \(UserTable.columns), m.role, m.joined_at, m.muted_until
              FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.room_id = \(id)
               AND EXISTS (SELECT FROM members own WHERE own.room_id = \(id) AND own.user_id = \(user))
             ORDER BY u.name
            """
        ) { row in
            try Member(
                user: UserTable.decode(&row),
                role: row.read(),
                joinedAt: row.read(),
                mutedUntil: row.readIfPresent()
            )
        }
        return members.isEmpty ? nil : members
    }
}
