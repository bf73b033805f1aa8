import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Messages that are stored in one transaction, each judged for itself.
///
/// First round trip: the rows of the rooms are locked, in the order of their ids so that two instances cannot block
/// each other, and the facts for every message are read. They are read after the locks were taken, in a statement of
/// its own: under READ COMMITTED that statement sees what the holder before us committed. Second round trip: all rows,
/// the counters, COMMIT.
struct MessageBatch {
    /// What became of one message.
    enum Outcome {
        case decided(Result<SendReceipt, any Error>)
        /// Someone else holds the room's row; only when locked rooms are skipped.
        case busy
    }

    private let messages: [NewMessage]
    private let skipsLockedRooms: Bool

    /// A batch that waits for the rooms' rows, or one that leaves out the messages of rooms that others hold.
    init(_ messages: [NewMessage], skippingLockedRooms: Bool = false) {
        self.messages = messages
        skipsLockedRooms = skippingLockedRooms
    }

    /// Stores what can be stored and returns an outcome for each message, in their order, once all are durable.
    func run(in transaction: Transaction) throws -> [Outcome] {
        let known = try transaction.run([lockRooms(), readFacts()] + findMentioned())
        var rooms = try Dictionary(uniqueKeysWithValues: known[0].decode(Self.decodeRoom))
        let facts = try known[1].decode(Self.decodeFact)
        guard facts.count == messages.count else { throw StorageError(.decoding, "a fact for each message") }
        let mentioned = known.count > 2 ? try Self.decodeMentioned(known[2]) : [:]
        let sameAsSent = try compareWithSent(facts, in: transaction)

        var stored: [Message] = []
        let outcomes = messages.indices.map { index -> Outcome in
            let message = messages[index]
            let room = rooms[message.draft.room]
            switch Verdict(message, facts[index], room: room, sameAsSent: sameAsSent[index]) {
            case .refuse(let error): return .decided(.failure(error))
            case .alreadyStored(let first): return .decided(.success(SendReceipt(message: first, duplicate: true)))
            case .wait: return .busy
            case .store:
                let row = rooms[message.draft.room]!.append(
                    message,
                    mentions: mentioned[index] ?? [],
                    reply: facts[index].quote(of: message.draft.replyTo)
                )
                stored.append(row)
                return .decided(.success(SendReceipt(message: row, duplicate: false)))
            }
        }
        if stored.isEmpty {
            try transaction.rollBack()
        } else {
            var statements = [insert(stored), count(rooms.values.filter(\.moved)), read(stored)]
            if let mentions = mention(stored) { statements.append(mentions) }
            _ = try transaction.commit(after: statements)
        }
        return outcomes
    }

    /// For messages whose text is not the sent one any more: whether this text is the one that was sent.
    private func compareWithSent(_ facts: [Fact], in transaction: Transaction) throws -> [Int: Bool] {
        let changed = facts.indices.filter { facts[$0].sentHash != nil }
        guard !changed.isEmpty else { return [:] }
        let hashes = try transaction.run(
            """
            SELECT sha256(convert_to(body, 'UTF8'))
              FROM unnest(\(changed.map { messages[$0].draft.body.description })) WITH ORDINALITY AS sent (body, position)
             ORDER BY position
            """
        )[0].decode { try $0.read(Bytes.self) }
        return Dictionary(uniqueKeysWithValues: zip(changed, hashes).map { ($0, facts[$0].sentHash == $1) })
    }
}

/// What happens to one message.
enum Verdict {
    case store
    case alreadyStored(Message)
    case refuse(ChatError)
    /// The room is there, but its row could not be locked.
    case wait

    /// A retry is recognised before anything else: the sender may have left, and the room may have been archived, since
    /// the first time, and still it was stored.
    init(
        _ message: NewMessage,
        _ fact: MessageBatch.Fact,
        room: MessageBatch.LockedRoom?,
        sameAsSent: Bool?
    ) {
        if let first = fact.first {
            let same =
                first.room == message.draft.room && fact.replySeq == message.draft.replyTo
                && sameAsSent ?? (first.body == message.draft.body.description)
            self = same ? .alreadyStored(first) : .refuse(.idempotencyMismatch)
        } else if !fact.isMember {
            self = .refuse(.notFound)
        } else if let room {
            self = Self(message, fact, in: room)
        } else {
            // Members are members of a room that exists.
            self = .wait
        }
    }

    private init(_ message: NewMessage, _ fact: MessageBatch.Fact, in room: MessageBatch.LockedRoom) {
        if room.archived {
            self = .refuse(.archived)
        } else if let until = fact.mutedUntil, until > message.createdAt {
            self = .refuse(.forbidden)
        } else if message.draft.replyTo != nil, fact.quoted == nil {
            self = .refuse(.invalid(field: "reply_to", message: "There is no such message in this room."))
        } else {
            self = .store
        }
    }
}

extension MessageBatch {
    /// A room whose row is locked, and its counters as the batch moves them.
    struct LockedRoom {
        let id: RoomID
        let archived: Bool
        var lastSeq: Int64
        var messageCount: Int64
        var lastAt: Date?
        var moved: Bool { lastAt != nil }

        init(id: RoomID, archived: Bool, lastSeq: Int64, messageCount: Int64) {
            self.id = id
            self.archived = archived
            self.lastSeq = lastSeq
            self.messageCount = messageCount
        }

        /// Gives the message the next numbers.
        mutating func append(_ message: NewMessage, mentions: [UserID], reply: Quote?) -> Message {
            lastSeq += 1
            messageCount += 1
            lastAt = message.createdAt
            return Message(
                id: message.id,
                room: id,
                seq: lastSeq,
                n: messageCount,
                changedSeq: lastSeq,
                kind: .text,
                author: message.author,
                clientID: message.draft.clientID.description,
                body: message.draft.body.description,
                createdAt: message.createdAt,
                mentions: mentions,
                reply: reply
            )
        }
    }

    /// What is known about one message.
    struct Fact {
        let isMember: Bool
        let mutedUntil: Date?
        /// What the message that is answered says; nil when there is none, or one that was deleted.
        let quoted: (author: UserID, body: String)?
        /// The row that the same author stored under the same client id.
        let first: Message?
        /// What that row answers.
        let replySeq: Int64?
        /// The hash of the text under which it was stored, once that is not its text any more.
        let sentHash: Bytes?

        func quote(of seq: Int64?) -> Quote? {
            guard let seq, let quoted else { return nil }
            return Quote(seq: seq, author: quoted.author, body: quoted.body, deleted: false)
        }
    }

    private func lockRooms() -> SQL {
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

    private static func decodeRoom(_ row: inout Row) throws -> (RoomID, LockedRoom) {
        let room = try LockedRoom(id: row.read(), archived: row.read(), lastSeq: row.read(), messageCount: row.read())
        return (room.id, room)
    }

    private func readFacts() -> SQL {
        // LATERAL with LIMIT keeps the planner at one index lookup for each message, however large the tables are.
        """
        SELECT member.yes IS NOT NULL, member.muted_until, quoted.author_id, left(quoted.body, 200),
               m.sent_hash, m.reply_seq, m.id IS NOT NULL, \(MessageTable.columns),
               CASE WHEN m.reactions IS NOT NULL THEN
                    ARRAY (SELECT mine.emoji FROM reactions mine
                            WHERE mine.room_id = m.room_id AND mine.seq = m.seq AND mine.user_id = draft.author_id) END
          FROM unnest(\(messages.map(\.draft.room)), \(messages.map(\.author)),
                      \(messages.map(\.draft.clientID.description)), \(messages.map { $0.draft.replyTo ?? 0 }))
               WITH ORDINALITY AS draft (room_id, author_id, client_id, reply_to, position)
          LEFT JOIN LATERAL (SELECT true AS yes, muted_until FROM members
                              WHERE room_id = draft.room_id AND user_id = draft.author_id LIMIT 1) member ON true
          LEFT JOIN LATERAL (SELECT * FROM messages
                              WHERE author_id = draft.author_id AND client_id = draft.client_id LIMIT 1) m ON true
          LEFT JOIN LATERAL (SELECT author_id, body FROM messages
                              WHERE draft.reply_to > 0 AND room_id = draft.room_id AND seq = draft.reply_to
                                AND kind = 'text' AND deleted_at IS NULL LIMIT 1) quoted ON true
         ORDER BY draft.position
        """
    }

    private static func decodeFact(_ row: inout Row) throws -> Fact {
        let isMember: Bool = try row.read()
        let mutedUntil: Date? = try row.readIfPresent()
        let author: UserID? = try row.readIfPresent()
        let body: String? = try row.readIfPresent()
        let sentHash: Bytes? = try row.readIfPresent()
        let replySeq: Int64? = try row.readIfPresent()
        let first = try row.read() ? try MessageTable.decodePersonal(&row) : nil
        return Fact(
            isMember: isMember,
            mutedUntil: mutedUntil,
            quoted: author.map { ($0, body ?? "") },
            first: first,
            replySeq: replySeq,
            sentHash: sentHash
        )
    }

    /// Whoever is named and is a member of the room is called; naming oneself calls nobody. Nothing to ask when nobody
    /// is named.
    private func findMentioned() -> [SQL] {
        let calls = messages.enumerated().flatMap { position, message in
            message.draft.body.mentions.map { (position: Int64(position), message: message, name: $0.description) }
        }
        guard !calls.isEmpty else { return [] }
        return [
            """
            SELECT called.position, u.id
              FROM unnest(\(calls.map(\.position)), \(calls.map(\.message.draft.room)),
                          \(calls.map(\.message.author)), \(calls.map(\.name)))
                   AS called (position, room_id, author_id, name)
              JOIN users u ON u.name = called.name AND u.id <> called.author_id
             WHERE EXISTS (SELECT FROM members m WHERE m.room_id = called.room_id AND m.user_id = u.id)
             ORDER BY called.position, u.id
            """
        ]
    }

    private static func decodeMentioned(_ rows: ResultSet) throws -> [Int: [UserID]] {
        let pairs = try rows.decode { row in try (Int(row.read(Int64.self)), row.read(UserID.self)) }
        return Dictionary(grouping: pairs, by: \.0).mapValues { $0.map(\.1) }
    }

    private func insert(_ rows: [Message]) -> SQL {
        // An array of arrays must be rectangular, so each list of people travels as text.
        """
        INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at,
                              reply_seq, mentioned)
        SELECT id, room_id, seq, seq, n, 'text', author_id, client_id, body, created_at,
               nullif(reply_seq, 0), string_to_array(nullif(mentioned, ''), ' ')::uuid[]
          FROM unnest(\(rows.map(\.id)), \(rows.map(\.room)), \(rows.map(\.seq)), \(rows.compactMap(\.n)),
                      \(rows.compactMap(\.author)), \(rows.compactMap(\.clientID)), \(rows.map(\.body)),
                      \(rows.map(\.createdAt)), \(rows.map { $0.reply?.seq ?? 0 }),
                      \(rows.map { $0.mentions.map(\.description).joined(separator: " ") }))
               WITH ORDINALITY AS new (id, room_id, seq, n, author_id, client_id, body, created_at, reply_seq,
                                       mentioned, position)
         ORDER BY position
        """
    }

    private func count(_ rooms: [LockedRoom]) -> SQL {
        """
        UPDATE rooms SET last_seq = moved.last_seq, msg_count = moved.msg_count, last_at = moved.last_at
          FROM unnest(\(rooms.map(\.id)), \(rooms.map(\.lastSeq)), \(rooms.map(\.messageCount)),
                      \(rooms.compactMap(\.lastAt))) AS moved (id, last_seq, msg_count, last_at)
         WHERE rooms.id = moved.id
        """
    }

    /// Whoever writes has read up to there.
    private func read(_ rows: [Message]) -> SQL {
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

    private func mention(_ rows: [Message]) -> SQL? {
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
