import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension MessageBatch {
    func lockRooms() -> SQL {
        // NO KEY: foreign keys of other transactions may still refer to the room.
        """
        SELECT id, archived_at IS NOT NULL, last_seq, msg_count
          FROM rooms
         WHERE id = ANY(\(Array(Set(messages.map(\.draft.room)))))
         ORDER BY id
           FOR NO KEY UPDATE \(skipsLockedRooms ? Self.skipLocked : Self.waitForLocks)
        """
    }

    private static let skipLocked: SQL.Fragment = "SKIP LOCKED"
    private static let waitForLocks: SQL.Fragment = ""

    static func decodeRoom(_ row: inout Row) throws -> (RoomID, LockedRoom) {
        let room = try LockedRoom(id: row.read(), archived: row.read(), lastSeq: row.read(), messageCount: row.read())
        return (room.id, room)
    }

    func readFacts() -> SQL {
        // LATERAL with LIMIT keeps the planner at one index lookup for each message, however large the tables are.
        """
        SELECT member.yes IS NOT NULL, member.muted_until, earlier.yes IS NOT NULL
          FROM unnest(\(messages.map(\.draft.room)), \(messages.map(\.author)),
                      \(messages.map(\.draft.clientID.description)))
               WITH ORDINALITY AS draft (room_id, author_id, client_id, position)
          LEFT JOIN LATERAL (SELECT true AS yes, muted_until FROM members
                              WHERE room_id = draft.room_id AND user_id = draft.author_id LIMIT 1) member ON true
          LEFT JOIN LATERAL (SELECT true AS yes FROM messages
                              WHERE author_id = draft.author_id AND client_id = draft.client_id LIMIT 1) earlier ON true
         ORDER BY draft.position
        """
    }

    static func decodeFact(_ row: inout Row) throws -> Fact {
        try Fact(isMember: row.read(), mutedUntil: row.readIfPresent(), isStored: row.read())
    }

    /// Whether the text is the one that was sent: its hash is kept once the row has another text.
    func readEarlier(at indices: [Int]) -> SQL {
        let drafts = indices.map { messages[$0] }
        return """
            SELECT m.room_id = draft.room_id AND coalesce(m.reply_seq, 0) = draft.reply_to
                   AND (m.deleted_at IS NOT NULL OR draft.attachments = coalesce(
                        (SELECT string_agg(sent ->> 'id', ' ' ORDER BY place)
                           FROM jsonb_array_elements(m.attachments) WITH ORDINALITY AS sent_ones (sent, place)), ''))
                   AND CASE WHEN m.sent_hash IS NULL THEN m.body = draft.body
                            ELSE m.sent_hash = sha256(convert_to(draft.body, 'UTF8')) END,
                   \(MessageTable.columns),
                   CASE WHEN m.reactions IS NOT NULL THEN
                        ARRAY (SELECT mine.emoji FROM reactions mine
                                WHERE mine.room_id = m.room_id AND mine.seq = m.seq AND mine.user_id = m.author_id) END
              FROM unnest(\(drafts.map(\.draft.room)), \(drafts.map(\.author)),
                          \(drafts.map(\.draft.clientID.description)), \(drafts.map { $0.draft.replyTo ?? 0 }),
                          \(drafts.map(\.draft.body.description)),
                          \(drafts.map { $0.draft.attachments.map(\.description).joined(separator: " ") }))
                   WITH ORDINALITY AS draft (room_id, author_id, client_id, reply_to, body, attachments, position)
              JOIN messages m ON m.author_id = draft.author_id AND m.client_id = draft.client_id
             ORDER BY draft.position
            """
    }

    static func decodeEarlier(_ row: inout Row) throws -> Earlier {
        let isSame: Bool = try row.read()
        return try Earlier(message: MessageTable.decodePersonal(&row), isSame: isSame)
    }

    /// What the messages that are answered say; nothing comes back for one that is not there, or was deleted.
    func findQuoted() -> SQL? {
        let replies = messages.enumerated().compactMap { position, message in
            message.draft.replyTo.map { (position: Int64(position), room: message.draft.room, seq: $0) }
        }
        guard !replies.isEmpty else { return nil }
        return """
            SELECT reply.position, quoted.seq, quoted.author_id, left(quoted.body, 200),
                   coalesce(jsonb_array_length(quoted.attachments), 0)::bigint
              FROM unnest(\(replies.map(\.position)), \(replies.map(\.room)), \(replies.map(\.seq)))
                   AS reply (position, room_id, seq)
              JOIN messages quoted ON quoted.room_id = reply.room_id AND quoted.seq = reply.seq
             WHERE quoted.kind = 'text' AND quoted.deleted_at IS NULL
            """
    }

    static func decodeQuoted(_ row: inout Row) throws -> (Int, Quote) {
        let position: Int64 = try row.read()
        return try (
            Int(position),
            Quote(seq: row.read(), author: row.read(), body: row.read(), attachments: row.read(), deleted: false)
        )
    }

    /// The images that wait for these messages, and holds them until the end; nothing comes back for one that is
    /// somebody else's, of another room, sent already or removed. Nothing to ask when no message has any, as most.
    func findAttachments() -> SQL? {
        let wanted = messages.enumerated().flatMap { position, message in
            message.draft.attachments.map { (position: Int64(position), message: message, id: $0) }
        }
        guard !wanted.isEmpty else { return nil }
        return """
            SELECT wanted.position, \(AttachmentTable.columns)
              FROM unnest(\(wanted.map(\.position)), \(wanted.map(\.message.draft.room)),
                          \(wanted.map(\.message.author)), \(wanted.map(\.id)))
                   AS wanted (position, room_id, author_id, id)
              JOIN attachments a
                ON a.id = wanted.id AND a.room_id = wanted.room_id AND a.uploader_id = wanted.author_id
             WHERE a.seq IS NULL
               FOR UPDATE OF a
            """
    }

    static func decodeAttachment(_ row: inout Row) throws -> (position: Int, attachment: Attachment) {
        let position: Int64 = try row.read()
        return try (Int(position), AttachmentTable.decode(&row))
    }

    /// Whoever is named and is a member of the room is called; naming oneself calls nobody. Nothing to ask when nobody
    /// is named.
    func findMentioned() -> SQL? {
        let calls = messages.enumerated().flatMap { position, message in
            message.draft.body.mentions.map { (position: Int64(position), message: message, name: $0.description) }
        }
        guard !calls.isEmpty else { return nil }
        return """
            SELECT called.position, u.id
              FROM unnest(\(calls.map(\.position)), \(calls.map(\.message.draft.room)),
                          \(calls.map(\.message.author)), \(calls.map(\.name)))
                   AS called (position, room_id, author_id, name)
              JOIN users u ON u.name = called.name AND u.id <> called.author_id
             WHERE EXISTS (SELECT FROM members m WHERE m.room_id = called.room_id AND m.user_id = u.id)
             ORDER BY called.position, u.id
            """
    }

    static func decodeMentioned(_ row: inout Row) throws -> (position: Int, user: UserID) {
        let position: Int64 = try row.read()
        return try (Int(position), row.read())
    }

    func insert(_ rows: [Message]) throws -> SQL {
        let shown = try rows.map { row in
            try row.attachments.isEmpty ? "" : String(decoding: JSONEncoder().encode(row.attachments), as: UTF8.self)
        }
        // An array of arrays must be rectangular, so each list of people travels as text.
        return """
            INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at,
                                  reply_seq, mentioned, attachments)
            SELECT id, room_id, seq, seq, n, 'text', author_id, client_id, body, created_at,
                   nullif(reply_seq, 0), string_to_array(nullif(mentioned, ''), ' ')::uuid[], nullif(attachments, '')::jsonb
              FROM unnest(\(rows.map(\.id)), \(rows.map(\.room)), \(rows.map(\.seq)), \(rows.compactMap(\.n)),
                          \(rows.compactMap(\.author)), \(rows.compactMap(\.clientID)), \(rows.map(\.body)),
                          \(rows.map(\.createdAt)), \(rows.map { $0.reply?.seq ?? 0 }),
                          \(rows.map { $0.mentions.map(\.description).joined(separator: " ") }), \(shown))
                   WITH ORDINALITY AS new (id, room_id, seq, n, author_id, client_id, body, created_at, reply_seq,
                                           mentioned, attachments, position)
             ORDER BY position
            """
    }

    func count(_ rooms: [LockedRoom]) -> SQL {
        """
        UPDATE rooms SET last_seq = moved.last_seq, msg_count = moved.msg_count, last_at = moved.last_at
          FROM unnest(\(rooms.map(\.id)), \(rooms.map(\.lastSeq)), \(rooms.map(\.messageCount)),
                      \(rooms.compactMap(\.lastAt))) AS moved (id, last_seq, msg_count, last_at)
         WHERE rooms.id = moved.id
        """
    }

    /// Whoever writes has read up to there.
    func read(_ rows: [Message]) -> SQL {
        struct Reader: Hashable {
            let room: RoomID
            let user: UserID
        }
        var last: [Reader: Message] = [:]
        for row in rows { last[Reader(room: row.room, user: row.author!)] = row }
        // In one order everywhere, like the rooms: another instance may update the same rows.
        let latest = last.values.sorted { ($0.room, $0.author!) < ($1.room, $1.author!) }
        return """
            UPDATE members SET read_seq = GREATEST(read_seq, mine.seq), read_n = GREATEST(read_n, mine.n)
              FROM unnest(\(latest.map(\.room)), \(latest.compactMap(\.author)), \(latest.map(\.seq)),
                          \(latest.compactMap(\.n))) AS mine (room_id, user_id, seq, n)
             WHERE members.room_id = mine.room_id AND members.user_id = mine.user_id
            """
    }

    /// The images belong to their messages from now on.
    func attach(_ rows: [Message]) -> SQL? {
        let sent = rows.flatMap { row in row.attachments.map { (id: $0.id, seq: row.seq) } }
        guard !sent.isEmpty else { return nil }
        return """
            UPDATE attachments a SET seq = sent.seq
              FROM unnest(\(sent.map(\.id)), \(sent.map(\.seq))) AS sent (id, seq)
             WHERE a.id = sent.id
            """
    }

    func mention(_ rows: [Message]) -> SQL? {
        let calls = rows.flatMap { row in row.mentions.map { (user: $0, row: row) } }
        guard !calls.isEmpty else { return nil }
        return """
            INSERT INTO mentions (user_id, room_id, seq)
            SELECT user_id, room_id, seq
              FROM unnest(\(calls.map(\.user)), \(calls.map(\.row.room)), \(calls.map(\.row.seq)))
                   AS called (user_id, room_id, seq)
            """
    }
}
