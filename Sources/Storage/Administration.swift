package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What only the owner of the machine does: looking into rooms without being a member, and removing for good.
package struct Administration: Sendable {
    let database: Database

    /// What would be lost with a room.
    package struct RoomSize: Sendable, Equatable {
        package let messages: Int64
        package let reactions: Int64
        package let people: Int64
    }

    // MARK: Looking

    /// The people of any room, by name.
    package func members(of room: RoomID) async throws -> [Member] {
        try await database.read(
            """
            SELECT \(UserTable.columns), m.role, m.joined_at, m.muted_until
              FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.room_id = \(room)
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
    }

    /// Direct rooms with the names of their people.
    package func directs() async throws -> [(room: Room, people: [String])] {
        try await database.read(
            """
            SELECT \(RoomTable.columns),
                   (SELECT array_agg(u.name ORDER BY u.name) FROM members m JOIN users u ON u.id = m.user_id
                     WHERE m.room_id = r.id)
              FROM rooms r WHERE r.kind = 'direct' ORDER BY r.id
            """
        ) { row in
            try (room: RoomTable.decode(&row), people: row.readIfPresent() ?? [])
        }
    }

    /// Entries of any room, the last ones before `before`, ascending.
    package func messages(
        in room: RoomID,
        before: Int64 = .max,
        limit: Int
    ) async throws -> [Message] {
        try await database.read(Self.lastMessages(in: room, before: before, limit: limit), MessageTable.decode)
            .reversed()
    }

    /// Entries of any room after `after`, ascending.
    package func messages(in room: RoomID, after: Int64, limit: Int) async throws -> [Message] {
        try await database.read(
            """
            SELECT \(MessageTable.columns) FROM messages m
             WHERE m.room_id = \(room) AND m.seq > \(after) ORDER BY m.seq LIMIT \(Int64(limit))
            """,
            MessageTable.decode
        )
    }

    private static func lastMessages(in room: RoomID, before: Int64, limit: Int) -> SQL {
        """
        SELECT \(MessageTable.columns) FROM messages m
         WHERE m.room_id = \(room) AND m.seq < \(before) ORDER BY m.seq DESC LIMIT \(Int64(limit))
        """
    }

    /// What changed in any room after a number, in that order.
    package func changes(in room: RoomID, after seq: Int64, limit: Int) async throws -> [Message] {
        try await database.read(
            """
            SELECT \(MessageTable.columns) FROM messages m
             WHERE m.room_id = \(room) AND m.changed_seq > \(seq) ORDER BY m.changed_seq LIMIT \(Int64(limit))
            """,
            MessageTable.decode
        )
    }

    /// Messages that contain all the words, the newest first; of one room or of all that are not direct.
    package func search(_ words: String, in room: RoomID?, limit: Int) async throws -> [(
        message: Message, room: String
    )] {
        try await database.read(
            """
            SELECT \(MessageTable.columns), r.name
              FROM messages m JOIN rooms r ON r.id = m.room_id
             WHERE r.kind <> 'direct' AND (\(room) IS NULL OR m.room_id = \(room)) AND m.deleted_at IS NULL
               AND m.kind = 'text' AND to_tsvector('simple', m.body) @@ plainto_tsquery('simple', \(words))
             ORDER BY m.id DESC LIMIT \(Int64(limit))
            """
        ) { row in
            try (message: MessageTable.decode(&row), room: row.readIfPresent() ?? "")
        }
    }

    package func size(of room: RoomID) async throws -> RoomSize {
        try await database.read(
            """
            SELECT (SELECT msg_count FROM rooms WHERE id = \(room)),
                   (SELECT count(*) FROM reactions WHERE room_id = \(room)),
                   (SELECT count(*) FROM members WHERE room_id = \(room))
            """
        ) { row in
            try RoomSize(messages: row.read(), reactions: row.read(), people: row.read())
        }[0]
    }

    /// About how many rows an export has: exact for accounts and rooms, the planner's estimate for the large tables.
    package func rowCount() async throws -> Int {
        try await database.read(
            """
            SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM rooms)
                   + (SELECT COALESCE(sum(GREATEST(reltuples, 0)), 0)::bigint FROM pg_class
                       WHERE oid = ANY (ARRAY['members', 'messages', 'message_versions', 'attachments', 'mentions',
                                              'reactions', 'audit']::regclass[]))
            """
        ) { Int(try $0.read(Int64.self)) }[0]
    }

    /// The last entries of a direct room. Whoever looks is written down, or sees nothing.
    package func reveal(_ room: RoomID, limit: Int, by actor: Actor, at date: Date) async throws -> [Message] {
        try await database.write { transaction in
            try AuditEntry(.directReveal, of: .room(room), by: actor, at: date).append(in: transaction)
            return try transaction.run(Self.lastMessages(in: room, before: .max, limit: limit))[0]
                .decode(MessageTable.decode).reversed()
        }
    }

    // MARK: Speaking

    /// Says something in the name of a member of the room, and writes down who made them speak, both or neither.
    ///
    /// Throws as the same person's send does. A message that is there already is no act, and is not written down.
    package func send(
        _ draft: Draft,
        as author: User,
        to room: Room,
        by actor: Actor,
        at date: Date
    ) async throws -> SendReceipt {
        let message = NewMessage(id: .new(at: date), draft: draft, author: author.id, createdAt: date)
        let detail = ["room": room.name ?? "", "author": author.name]
        let entry = AuditEntry(.messageSend, of: .message(message.id), by: actor, at: date, detail: detail)
        return try await database.write { transaction in
            // The batch commits what it stores, and this with it; when it stores nothing, it takes this back too.
            try entry.append(in: transaction)
            switch try MessageBatch([message]).run(in: transaction)[0] {
            case .decided(let result): return try result.get()
            case .busy: throw StorageError(.timeout, "the room is locked")
            }
        }
    }

    // MARK: Removing

    /// Removes a room with everything in it: others see all of it until they see nothing of it.
    package func deleteRoom(_ room: Room, by actor: Actor, at date: Date) async throws {
        try await database.write(patience: Limits.removalTimeout) { transaction in
            let size = try transaction.lockRoom(room.id, for: actor).room.messageCount
            try AuditEntry(
                .roomDelete,
                of: .room(room.id, name: room.name),
                by: actor,
                at: date,
                detail: ["messages": "\(size)"]
            ).append(in: transaction)
            _ = try transaction.run("DELETE FROM mentions WHERE room_id = \(room.id)")
            _ = try transaction.run("DELETE FROM rooms WHERE id = \(room.id)")
        }
    }

    /// Leaves a tombstone of anybody's message. Throws `notFound`.
    package func deleteMessage(_ seq: Int64, in room: RoomID, by actor: Actor, at date: Date) async throws -> Message {
        try await database.write { transaction in
            let standing = try transaction.lockRoom(room, for: actor)
            let found = try transaction.run(
                "SELECT \(MessageTable.columns) FROM messages m WHERE m.room_id = \(room) AND m.seq = \(seq)"
            )
            guard let message = try found[0].first(MessageTable.decode), message.kind == .text else {
                throw ChatError.notFound
            }
            guard message.deletedAt == nil else { return message }
            try AuditEntry(
                .messageDelete,
                of: .message(message.id),
                by: actor,
                at: date,
                detail: ["room": room.description, "author": message.author?.description ?? ""]
            ).append(in: transaction)
            return try transaction.leaveTombstones(of: [seq], in: standing.room, by: nil, at: date)[0]
        }
    }

    /// Writes down an act that changes no row, before it is done.
    package func note(_ entry: AuditEntry) async throws {
        try await database.write { transaction in try entry.append(in: transaction) }
    }
}

extension AuditEntry.Action {
    /// A room was removed with everything in it.
    package static let roomDelete = Self("room.delete")
    /// Old rows were removed.
    package static let prune = Self("db.prune")
    /// A whole installation was put into an empty database.
    package static let importAll = Self("db.import")
    /// Everybody was told something.
    package static let broadcast = Self("broadcast")
    /// Somebody read direct messages from outside.
    package static let directReveal = Self("dm.reveal")
    /// A message was sent in a person's name.
    package static let messageSend = Self("message.send")
}

extension Database {
    /// What only the owner of the machine does.
    package var administration: Administration { Administration(database: self) }
}
