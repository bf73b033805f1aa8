import Domain

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
        let known = try transaction.run(lockRooms(), readFacts())
        var rooms = try Dictionary(uniqueKeysWithValues: known[0].decode(Self.decodeRoom))
        let facts = try known[1].decode(Self.decodeFact)
        guard facts.count == messages.count else { throw StorageError(.decoding, "a fact for each message") }

        var stored: [Message] = []
        let outcomes = zip(messages, facts).map { message, fact -> Outcome in
            switch Verdict(message, fact, room: rooms[message.draft.room]) {
            case .refuse(let error): return .decided(.failure(error))
            case .alreadyStored(let first): return .decided(.success(SendReceipt(message: first, duplicate: true)))
            case .wait: return .busy
            case .store:
                let row = rooms[message.draft.room]!.append(message)
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
    init(_ message: NewMessage, _ fact: MessageBatch.Fact, room: MessageBatch.LockedRoom?) {
        if let first = fact.first {
            let same = first.room == message.draft.room && fact.firstBody == message.draft.body.description
            self = same ? .alreadyStored(first) : .refuse(.idempotencyMismatch)
        } else if !fact.isMember {
            self = .refuse(.notFound)
        } else if let room {
            self = room.archived ? .refuse(.archived) : .store
        } else {
            // Members are members of a room that exists.
            self = .wait
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
        var moved = false

        init(id: RoomID, archived: Bool, lastSeq: Int64, messageCount: Int64) {
            self.id = id
            self.archived = archived
            self.lastSeq = lastSeq
            self.messageCount = messageCount
        }

        /// Gives the message the next numbers.
        mutating func append(_ message: NewMessage) -> Message {
            lastSeq += 1
            messageCount += 1
            moved = true
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
                editedAt: nil,
                deletedAt: nil
            )
        }
    }

    /// What is known about one message.
    struct Fact {
        let isMember: Bool
        /// The row that the same author stored under the same client id.
        let first: Message?
        /// The text under which it was stored.
        let firstBody: String?
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
        SELECT member.yes IS NOT NULL, m.body, \(MessageTable.columns)
          FROM unnest(\(messages.map(\.draft.room)), \(messages.map(\.author)),
                      \(messages.map(\.draft.clientID.description)))
               WITH ORDINALITY AS draft (room_id, author_id, client_id, position)
          LEFT JOIN LATERAL (SELECT true AS yes FROM members
                              WHERE room_id = draft.room_id AND user_id = draft.author_id LIMIT 1) member ON true
          LEFT JOIN LATERAL (SELECT * FROM messages
                              WHERE author_id = draft.author_id AND client_id = draft.client_id LIMIT 1) m ON true
         ORDER BY draft.position
        """
    }

    private static func decodeFact(_ row: inout Row) throws -> Fact {
        let isMember: Bool = try row.read()
        guard let body: String = try row.readIfPresent() else {
            return Fact(isMember: isMember, first: nil, firstBody: nil)
        }
        return Fact(isMember: isMember, first: try MessageTable.decode(&row), firstBody: body)
    }

    private func insert(_ rows: [Message]) -> SQL {
        """
        INSERT INTO messages (id, room_id, seq, changed_seq, n, kind, author_id, client_id, body, created_at)
        SELECT id, room_id, seq, seq, n, 'text', author_id, client_id, body, created_at
          FROM unnest(\(rows.map(\.id)), \(rows.map(\.room)), \(rows.map(\.seq)), \(rows.compactMap(\.n)),
                      \(rows.compactMap(\.author)), \(rows.compactMap(\.clientID)), \(rows.map(\.body)),
                      \(rows.map(\.createdAt)))
               WITH ORDINALITY AS new (id, room_id, seq, n, author_id, client_id, body, created_at, position)
         ORDER BY position
        """
    }

    private func count(_ rooms: [LockedRoom]) -> SQL {
        """
        UPDATE rooms SET last_seq = moved.last_seq, msg_count = moved.msg_count
          FROM unnest(\(rooms.map(\.id)), \(rooms.map(\.lastSeq)), \(rooms.map(\.messageCount)))
               AS moved (id, last_seq, msg_count)
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

    /// Whoever is named and is a member of the room is called; naming oneself calls nobody.
    private func mention(_ rows: [Message]) -> SQL? {
        let seqs = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.seq) })
        let calls = messages.flatMap { message in
            guard let seq = seqs[message.id] else { return [(message: NewMessage, seq: Int64, name: String)]() }
            return message.draft.body.mentions.map { (message, seq, $0.description) }
        }
        guard !calls.isEmpty else { return nil }
        return """
            INSERT INTO mentions (user_id, room_id, seq)
            SELECT u.id, called.room_id, called.seq
              FROM unnest(\(calls.map(\.message.draft.room)), \(calls.map(\.message.author)), \(calls.map(\.seq)),
                          \(calls.map(\.name))) AS called (room_id, author_id, seq, name)
              JOIN users u ON u.name = called.name AND u.id <> called.author_id
             WHERE EXISTS (SELECT FROM members m WHERE m.room_id = called.room_id AND m.user_id = u.id)
            """
    }
}
