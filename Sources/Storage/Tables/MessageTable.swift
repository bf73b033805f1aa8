package import Domain

/// Messages in PostgreSQL.
package struct MessageTable: MessageStoring {
    let database: Database

    static let columns: SQL.Fragment = """
        m.id, m.room_id, m.seq, m.n, m.changed_seq, m.kind, m.author_id, m.client_id, m.body, m.created_at,
        m.edited_at, m.deleted_at
        """

    static func decode(_ row: inout Row) throws -> Message {
        try Message(
            id: row.read(),
            room: row.read(),
            seq: row.read(),
            n: row.readIfPresent(),
            changedSeq: row.read(),
            kind: row.read(),
            author: row.readIfPresent(),
            clientID: row.readIfPresent(),
            body: row.read(),
            createdAt: row.read(),
            editedAt: row.readIfPresent(),
            deletedAt: row.readIfPresent()
        )
    }

    package func append(_ message: NewMessage) async throws -> SendReceipt {
        try await database.append(message)
    }

    package func latestSequences(of rooms: [RoomID]) async throws -> [RoomID: Int64] {
        let rows = try await database.read("SELECT id, last_seq FROM rooms WHERE id = ANY(\(rooms))") { row in
            try (row.read(RoomID.self), row.read(Int64.self))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    package func changed(in room: RoomID, after seq: Int64, limit: Int) async throws -> [Message] {
        try await database.read(
            """
            SELECT \(Self.columns) FROM messages m
             WHERE m.room_id = \(room) AND m.changed_seq > \(seq)
             ORDER BY m.changed_seq LIMIT \(Int64(limit))
            """,
            Self.decode
        )
    }
}
