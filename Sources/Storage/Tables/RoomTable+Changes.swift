package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension RoomTable {
    package func insert(_ room: NewRoom, owner: UserID?) async throws -> RoomSummary {
        try await database.write { transaction in
            let stored = try transaction.run(
                """
                INSERT INTO rooms AS r (id, kind, name, topic, is_default, created_at)
                VALUES (\(room.id), \(room.kind.rawValue), \(room.name.description), \(room.topic.description),
                        \(room.isDefault), \(room.createdAt))
                RETURNING \(Self.columns), NULL, NULL, NULL, NULL, NULL
                """
            )[0].first(Self.decodeSummary)!
            _ = try RoomEntry(.created, in: room.id, by: owner, at: room.createdAt).append(in: transaction)
            guard let owner else { return stored.counting(seq: 1) }
            return try transaction.run(
                """
                INSERT INTO members (room_id, user_id, role, joined_seq, read_seq, read_n)
                VALUES (\(room.id), \(owner), 'owner', 1, 1, 0)
                """,
                Self.summary(of: room.id, for: owner)
            )[1].first(Self.decodeSummary)!
        }
    }

    package func ensure(_ room: NewRoom) async throws -> Room {
        try await database.write { transaction in
            let inserted = try transaction.run(
                """
                INSERT INTO rooms (id, kind, name, topic, is_default, created_at)
                VALUES (\(room.id), \(room.kind.rawValue), \(room.name.description), \(room.topic.description),
                        \(room.isDefault), \(room.createdAt))
                    ON CONFLICT (name) DO NOTHING
                """
            )[0]
            if inserted.affected == 1 {
                _ = try RoomEntry(.created, in: room.id, by: nil, at: room.createdAt).append(in: transaction)
            }
            return try transaction.run(
                "SELECT \(Self.columns) FROM rooms r WHERE r.name = \(room.name.description)"
            )[0].first(Self.decode)!
        }
    }

    package func join(_ id: RoomID, user: UserID, at date: Date) async throws -> JoinReceipt {
        try await database.write { transaction in
            guard let room = try Self.lock(id, for: user, in: transaction) else { throw ChatError.notFound }
            var message: Message?
            if !room.isMember {
                guard room.kind == .public else { throw ChatError.notFound }
                guard !room.isArchived else { throw ChatError.archived }
                message = try RoomEntry(.joined, in: id, by: user, at: date).join(in: transaction)
            }
            let summary = try transaction.run(Self.summary(of: id, for: user))[0].first(Self.decodeSummary)
            guard let summary else { throw ChatError.notFound }
            return JoinReceipt(summary: summary, message: message)
        }
    }

    package func leave(_ id: RoomID, user: UserID, at date: Date) async throws -> Message? {
        try await database.write { transaction in
            guard let room = try Self.lock(id, for: user, in: transaction) else { throw ChatError.notFound }
            guard room.isMember else {
                guard room.kind == .public else { throw ChatError.notFound }
                return nil
            }
            guard room.kind != .direct else { throw ChatError.forbidden }
            _ = try transaction.run("DELETE FROM members WHERE room_id = \(id) AND user_id = \(user)")
            return try RoomEntry(.left, in: id, by: user, at: date).append(in: transaction)
        }
    }

    private struct Found {
        let kind: Room.Kind
        let isArchived: Bool
        let isMember: Bool
    }

    /// Locks the room's row, which orders everything that takes a number, and reads what the person is in it. The
    /// membership is read after the lock was taken, in a statement of its own: else it could be older than the lock.
    private static func lock(_ id: RoomID, for user: UserID, in transaction: Transaction) throws -> Found? {
        let results = try transaction.run(
            "SELECT kind, archived_at IS NOT NULL FROM rooms WHERE id = \(id) FOR NO KEY UPDATE",
            "SELECT EXISTS (SELECT FROM members WHERE room_id = \(id) AND user_id = \(user))"
        )
        let isMember = try results[1].first { try $0.read(Bool.self) } ?? false
        return try results[0].first { try Found(kind: $0.read(), isArchived: $0.read(), isMember: isMember) }
    }
}

extension RoomSummary {
    /// The same with a sequence that has come to `seq`.
    fileprivate func counting(seq: Int64) -> RoomSummary {
        RoomSummary(
            room: Room(
                id: room.id,
                kind: room.kind,
                name: room.name,
                topic: room.topic,
                lastSeq: seq,
                messageCount: room.messageCount,
                createdAt: room.createdAt,
                archivedAt: room.archivedAt
            ),
            role: role,
            readSeq: readSeq,
            unread: unread,
            mentions: mentions,
            people: people
        )
    }
}
