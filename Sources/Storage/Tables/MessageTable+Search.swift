package import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension MessageTable {
    package func search(
        _ query: SearchQuery,
        in room: RoomID?,
        after cursor: SearchCursor?,
        limit: Int,
        for user: UserID
    ) async throws -> SearchPage {
        let statement =
            query.text.isEmpty
            ? Self.filtered(query, in: room, after: cursor, limit: limit, for: user)
            : Self.worded(query, in: room, after: cursor, limit: limit, for: user)
        // A rare word is found by the index of words, a common one by walking back from the latest message.
        let found = try await database.read(statement.plannedAfresh()) { row in
            let (kind, name): (Room.Kind, String?) = try (row.read(), row.readIfPresent())
            return try SearchPage.Result(message: Self.decodePersonal(&row), roomKind: kind, roomName: name)
        }
        let results = Array(found.prefix(limit))
        let next = found.count > limit ? results.last.map { SearchCursor(lastShown: $0.message.id) } : nil
        return SearchPage(results: results, next: next)
    }

    /// Found by the index of words. What the person may read is decided in the same statement. `websearch_to_tsquery`
    /// takes any text and never fails: words, "phrases", `or`, and `-` for what shall not be there.
    private static func worded(
        _ query: SearchQuery,
        in room: RoomID?,
        after cursor: SearchCursor?,
        limit: Int,
        for user: UserID
    ) -> SQL {
        """
        SELECT r.kind, r.name, \(messageFor: user)
          FROM messages m
          JOIN members own ON own.room_id = m.room_id AND own.user_id = \(user)
          JOIN rooms r ON r.id = m.room_id
         WHERE m.words @@ websearch_to_tsquery('simple', \(query.text))
           AND (\(room) IS NULL OR m.room_id = \(room))
           AND (\(query.roomName?.description) IS NULL OR r.name = \(query.roomName?.description))
           AND (\(query.author?.description) IS NULL
                OR m.author_id = (SELECT id FROM users WHERE name = \(query.author?.description)))
           AND (\(query.before) IS NULL OR m.created_at < \(query.before))
           AND (\(query.after) IS NULL OR m.created_at >= \(query.after))
           AND (\(cursor?.lastShown) IS NULL OR m.id < \(cursor?.lastShown))
         ORDER BY m.id DESC LIMIT \(Int64(limit + 1))
        """
    }

    /// Without words the rooms are walked from their ends, so that an index bounds each.
    private static func filtered(
        _ query: SearchQuery,
        in room: RoomID?,
        after cursor: SearchCursor?,
        limit: Int,
        for user: UserID
    ) -> SQL {
        """
        SELECT r.kind, r.name, \(messageFor: user)
          FROM members own
          JOIN rooms r ON r.id = own.room_id
         CROSS JOIN LATERAL (
               SELECT * FROM messages
                WHERE room_id = r.id AND kind = 'text' AND deleted_at IS NULL
                  AND (\(query.author?.description) IS NULL
                       OR author_id = (SELECT id FROM users WHERE name = \(query.author?.description)))
                  AND (\(query.before) IS NULL OR created_at < \(query.before))
                  AND (\(query.after) IS NULL OR created_at >= \(query.after))
                  AND (\(cursor?.lastShown) IS NULL OR id < \(cursor?.lastShown))
                ORDER BY seq DESC LIMIT \(Int64(limit + 1))) AS m
         WHERE own.user_id = \(user)
           AND (\(room) IS NULL OR r.id = \(room))
           AND (\(query.roomName?.description) IS NULL OR r.name = \(query.roomName?.description))
         ORDER BY m.id DESC LIMIT \(Int64(limit + 1))
        """
    }
}
