package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension RoomTable {
    package func insert(_ room: NewRoom, members: [UserID], by actor: Actor) async throws -> RoomReceipt {
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO rooms (id, kind, name, topic, is_default, created_at)
                VALUES (\(room.id), \(room.kind.rawValue), \(room.name.description), \(room.topic.description),
                        \(room.isDefault), \(room.createdAt))
                """
            )
            let owner = actor.user?.id
            var entries = [
                try RoomEntry(.created, in: room.id, by: owner, at: room.createdAt).append(in: transaction)
            ]
            if let owner {
                _ = try transaction.run(
                    """
                    INSERT INTO members (room_id, user_id, role, joined_seq, read_seq, read_n, joined_at)
                    VALUES (\(room.id), \(owner), 'owner', 1, 1, 0, \(room.createdAt))
                    """
                )
            }
            entries += try Self.add(members, to: room.id, by: owner, at: room.createdAt, transaction)
            return RoomReceipt(summary: try Self.summarize(room.id, for: actor, transaction), entries: entries)
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

    package func update(_ id: RoomID, _ change: RoomChange, by actor: Actor, at date: Date) async throws -> RoomReceipt
    {
        try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: actor)
            try standing.requireModerating()
            let room = standing.room
            var entries: [Message] = []
            func enter(_ kind: Message.Kind, _ text: String) throws {
                let entry = RoomEntry(kind, in: id, by: actor.user?.id, detail: text, at: date)
                entries.append(try entry.append(in: transaction))
            }
            if let name = change.name?.description, name != room.name {
                _ = try transaction.run("UPDATE rooms SET name = \(name) WHERE id = \(id)")
                try enter(.renamed, name)
            }
            if let topic = change.topic?.description, topic != room.topic {
                _ = try transaction.run("UPDATE rooms SET topic = \(topic) WHERE id = \(id)")
                try enter(.topic, topic)
            }
            var detail: [String: String] = [:]
            if let isDefault = change.isDefault, isDefault != room.isDefault {
                guard standing.administers, room.kind == .public || !isDefault else { throw ChatError.forbidden }
                _ = try transaction.run("UPDATE rooms SET is_default = \(isDefault) WHERE id = \(id)")
                detail["is_default"] = "\(isDefault)"
            }
            if let keeps = change.keepsVersions, keeps != room.keepsVersions {
                _ = try transaction.run("UPDATE rooms SET keeps_versions = \(keeps) WHERE id = \(id)")
                if !keeps { _ = try transaction.run("DELETE FROM message_versions WHERE room_id = \(id)") }
                detail["keeps_versions"] = "\(keeps)"
            }
            if !detail.isEmpty {
                let subject = AuditEntry.Subject.room(id, name: room.name)
                try AuditEntry(.roomUpdate, of: subject, by: actor, at: date, detail: detail).append(in: transaction)
            }
            return RoomReceipt(summary: try Self.summarize(id, for: actor, transaction), entries: entries)
        }
    }

    package func archive(_ id: RoomID, _ archived: Bool, by actor: Actor, at date: Date) async throws -> RoomReceipt {
        try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: actor)
            try standing.requireOwning()
            var entries: [Message] = []
            if (standing.room.archivedAt != nil) != archived {
                let since: Date? = archived ? date : nil
                _ = try transaction.run("UPDATE rooms SET archived_at = \(since) WHERE id = \(id)")
                let entry = RoomEntry(archived ? .archived : .restored, in: id, by: actor.user?.id, at: date)
                entries = [try entry.append(in: transaction)]
                try AuditEntry(
                    archived ? .roomArchive : .roomRestore,
                    of: .room(id, name: standing.room.name),
                    by: actor,
                    at: date
                ).append(in: transaction)
            }
            return RoomReceipt(summary: try Self.summarize(id, for: actor, transaction), entries: entries)
        }
    }

    static func summarize(_ id: RoomID, for actor: Actor, _ transaction: Transaction) throws -> RoomSummary {
        guard let summary = try transaction.run(summary(of: id, for: actor))[0].first(decodeSummary) else {
            throw ChatError.notFound
        }
        return summary
    }

    /// Makes people members, each with an entry; who is one already is passed over. Throws `notFound` when one of them
    /// cannot be a member of anything.
    static func add(
        _ people: [UserID],
        to room: RoomID,
        by author: UserID?,
        at date: Date,
        _ transaction: Transaction
    ) throws -> [Message] {
        guard !people.isEmpty else { return [] }
        try requireUsable(people, in: transaction)
        return try people.compactMap { person in
            try RoomEntry(.added, in: room, by: author, target: person, at: date).admit(in: transaction)
        }
    }
}
