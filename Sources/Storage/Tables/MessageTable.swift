package import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Messages in PostgreSQL.
package struct MessageTable: MessageStoring {
    let database: Database

    static let columns: SQL.Fragment = """
        m.id, m.room_id, m.seq, m.n, m.changed_seq, m.kind, m.author_id, m.client_id, m.body, m.created_at,
        m.edited_at, m.deleted_at, m.deleted_by, m.mentioned, m.target_id, m.detail, m.reactions::text,
        m.attachments::text, m.reply_seq,
        CASE WHEN m.reply_seq IS NOT NULL THEN
             (SELECT ARRAY[q.author_id::text, left(q.body, 200), (q.deleted_at IS NOT NULL)::text,
                          coalesce(jsonb_array_length(q.attachments), 0)::text]
                FROM messages q WHERE q.room_id = m.room_id AND q.seq = m.reply_seq) END
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
            deletedAt: row.readIfPresent(),
            deletedBy: row.readIfPresent(),
            mentions: row.readIfPresent() ?? [],
            target: row.readIfPresent(),
            detail: row.readIfPresent(),
            reactions: decodeReactions(row.readIfPresent()),
            attachments: decodeAttachments(row.readIfPresent()),
            reply: decodeQuote(row.readIfPresent(), row.readIfPresent())
        )
    }

    /// The columns of a statement with `\(messageFor: user)`.
    static func decodePersonal(_ row: inout Row) throws -> Message {
        let message = try decode(&row)
        guard let own: [String] = try row.readIfPresent(), !own.isEmpty else { return message }
        return message.reacted(with: own)
    }

    private static func decodeReactions(_ json: String?) throws -> [Reaction] {
        guard let json else { return [] }
        struct Kept: Decodable {
            var emoji: String
            var count: Int64
            var users: [UserID]
        }
        do {
            return try JSONDecoder().decode([Kept].self, from: Data(json.utf8)).map { kept in
                Reaction(emoji: kept.emoji, count: kept.count, users: kept.users)
            }
        } catch {
            throw StorageError(.decoding, "messages.reactions: \(error)")
        }
    }

    private static func decodeAttachments(_ json: String?) throws -> [Attachment] {
        guard let json else { return [] }
        do {
            return try JSONDecoder().decode([Attachment].self, from: Data(json.utf8))
        } catch {
            throw StorageError(.decoding, "messages.attachments: \(error)")
        }
    }

    private static func decodeQuote(_ seq: Int64?, _ fields: [String]?) throws -> Quote? {
        guard let seq, let fields else { return nil }
        guard fields.count == 4, let author = UserID(fields[0]), let attachments = Int64(fields[3]) else {
            throw StorageError(.decoding, "a quote has an author, a text, a mark and a number of images")
        }
        return Quote(
            seq: seq,
            author: author,
            body: fields[1],
            attachments: attachments,
            deleted: fields[2] == "true"
        )
    }

    package func append(_ message: NewMessage) async throws -> SendReceipt {
        try await database.append(message)
    }

    package func find(_ seq: Int64, in room: RoomID, for user: UserID) async throws -> Message? {
        try await database.read(
            """
            SELECT \(messageFor: user)
              FROM members own JOIN messages m ON m.room_id = own.room_id AND m.seq = \(seq)
             WHERE own.room_id = \(room) AND own.user_id = \(user)
            """,
            Self.decodePersonal
        ).first
    }

    package func versions(of seq: Int64, in room: RoomID, for user: UserID) async throws -> [MessageVersion]? {
        let rows = try await database.read(
            """
            SELECT v.version::bigint, v.body, v.written_at
              FROM members own
              JOIN messages m ON m.room_id = own.room_id AND m.seq = \(seq) AND m.kind = 'text'
              LEFT JOIN LATERAL (SELECT * FROM message_versions
                                  WHERE room_id = m.room_id AND seq = m.seq
                                  ORDER BY version DESC LIMIT \(Int64(MessageVersion.countMax))) AS v ON true
             WHERE own.room_id = \(room) AND own.user_id = \(user)
             ORDER BY v.version DESC
            """
        ) { row -> MessageVersion? in
            guard let version: Int64 = try row.readIfPresent() else { return nil }
            return try MessageVersion(version: version, body: row.read(), writtenAt: row.read())
        }
        return rows.isEmpty ? nil : rows.compactMap(\.self)
    }

    package func latestSequences(of rooms: [RoomID]) async throws -> [RoomID: Int64] {
        let rows = try await database.read("SELECT id, last_seq FROM rooms WHERE id = ANY(\(rooms))") { row in
            try (row.read(RoomID.self), row.read(Int64.self))
        }
        return Dictionary(uniqueKeysWithValues: rows)
    }

    package func changed(in room: RoomID, after seq: Int64, limit: Int) async throws -> RoomTail {
        try await tail(of: room, after: seq, limit: limit, "true")
    }

    package func admissions(in room: RoomID, after seq: Int64, limit: Int) async throws -> RoomTail {
        try await tail(of: room, after: seq, limit: limit, "kind <> 'text'")
    }

    private func tail(
        of room: RoomID,
        after seq: Int64,
        limit: Int,
        _ condition: SQL.Fragment
    ) async throws -> RoomTail {
        // One statement, so one snapshot: all that changed up to `last_seq` is among the rows, unless they are too many.
        let rows = try await database.read(
            """
            SELECT r.last_seq, m.id IS NOT NULL, \(Self.columns)
              FROM rooms r
              LEFT JOIN LATERAL (SELECT * FROM messages
                                  WHERE room_id = r.id AND changed_seq > \(seq) AND \(condition)
                                  ORDER BY changed_seq LIMIT \(Int64(limit))) AS m ON true
             WHERE r.id = \(room)
             ORDER BY m.changed_seq
            """
        ) { row in
            try (lastSeq: row.read(Int64.self), message: row.read(Bool.self) ? Self.decode(&row) : nil)
        }
        let messages = rows.compactMap(\.message)
        let end = messages.count == limit ? messages.last?.changedSeq : rows.first?.lastSeq
        return RoomTail(messages: messages, to: max(seq, end ?? seq))
    }
}

extension SQL.Interpolation {
    /// The columns of the message `m`, and which reactions to it are this person's own.
    mutating func appendInterpolation(messageFor user: UserID) {
        appendInterpolation(MessageTable.columns)
        appendLiteral(
            """
            , CASE WHEN m.reactions IS NOT NULL THEN
                   ARRAY (SELECT mine.emoji FROM reactions mine
                           WHERE mine.room_id = m.room_id AND mine.seq = m.seq AND mine.user_id =
            """
        )
        appendInterpolation(user)
        appendLiteral(") END")
    }
}

extension Message {
    /// The same with the marks of the person who asked.
    fileprivate func reacted(with own: [String]) -> Message {
        var marked = self
        marked.reactions = reactions.map { reaction in
            Reaction(
                emoji: reaction.emoji,
                count: reaction.count,
                users: reaction.users,
                mine: own.contains(reaction.emoji)
            )
        }
        return marked
    }
}
