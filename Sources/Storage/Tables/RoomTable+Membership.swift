package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension RoomTable {
    package func join(_ id: RoomID, by identity: Identity, at date: Date) async throws -> JoinReceipt {
        let actor = Actor.person(identity)
        return try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: actor)
            var message: Message?
            if standing.role == nil {
                guard standing.room.kind == .public else { throw ChatError.notFound }
                guard standing.room.archivedAt == nil else { throw ChatError.archived }
                message = try RoomEntry(.joined, in: id, by: identity.user.id, at: date).admit(in: transaction)
            }
            return JoinReceipt(summary: try Self.summarize(id, for: actor, transaction), message: message)
        }
    }

    package func leave(_ id: RoomID, by identity: Identity, at date: Date) async throws -> Message? {
        let user = identity.user.id
        return try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: .person(identity))
            guard let role = standing.role else {
                guard standing.room.kind == .public else { throw ChatError.notFound }
                return nil
            }
            guard standing.room.kind != .direct else { throw ChatError.forbidden }
            if role == .owner { try Self.requireAnotherOwner(in: id, than: user, leaving: true, transaction) }
            _ = try transaction.run("DELETE FROM members WHERE room_id = \(id) AND user_id = \(user)")
            return try RoomEntry(.left, in: id, by: user, at: date).append(in: transaction)
        }
    }

    package func add(_ people: [UserID], to id: RoomID, by actor: Actor, at date: Date) async throws -> RoomReceipt {
        try await database.write { transaction in
            try Self.lockForAdding(to: id, by: actor, transaction)
            let entries = try Self.add(people, to: id, by: actor.user?.id, at: date, transaction)
            return RoomReceipt(summary: try Self.summarize(id, for: actor, transaction), entries: entries)
        }
    }

    /// Locks a room to which the actor may add people. Throws as `add`.
    static func lockForAdding(to id: RoomID, by actor: Actor, _ transaction: Transaction) throws {
        let standing = try transaction.lockRoom(id, for: actor)
        guard standing.role != nil || standing.moderates else { throw ChatError.notFound }
        // The people of a direct room are what it is.
        guard standing.room.kind != .direct else { throw ChatError.forbidden }
        guard standing.room.archivedAt == nil else { throw ChatError.archived }
    }

    package func remove(
        _ user: UserID,
        from id: RoomID,
        reason: String?,
        by actor: Actor,
        at date: Date
    ) async throws -> Message {
        try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: actor)
            try standing.requireModerating()
            guard standing.room.kind != .direct, user != actor.user?.id else { throw ChatError.forbidden }
            let target = try Self.target(user, in: id, of: standing, transaction)
            if target.role == .owner { try Self.requireAnotherOwner(in: id, than: user, leaving: true, transaction) }
            _ = try transaction.run("DELETE FROM members WHERE room_id = \(id) AND user_id = \(user)")
            let entry = RoomEntry(.removed, in: id, by: actor.user?.id, target: user, detail: reason, at: date)
            try AuditEntry(
                .roomKick,
                of: .user(user, name: target.name),
                by: actor,
                at: date,
                detail: ["room": id.description, "reason": reason ?? ""]
            ).append(in: transaction)
            return try entry.append(in: transaction)
        }
    }

    package func setRole(
        _ role: RoomRole,
        of user: UserID,
        in id: RoomID,
        by actor: Actor,
        at date: Date
    ) async throws -> MemberReceipt {
        try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: actor)
            try standing.requireOwning()
            guard standing.room.kind != .direct else { throw ChatError.forbidden }
            let target = try Self.target(user, in: id, of: standing, transaction)
            var message: Message?
            if target.role != role {
                if target.role == .owner {
                    try Self.requireAnotherOwner(in: id, than: user, leaving: false, transaction)
                }
                _ = try transaction.run(
                    "UPDATE members SET role = \(role.rawValue) WHERE room_id = \(id) AND user_id = \(user)"
                )
                try AuditEntry(
                    .roomRole,
                    of: .user(user, name: target.name),
                    by: actor,
                    at: date,
                    detail: ["room": id.description, "role": role.rawValue]
                ).append(in: transaction)
                message = try RoomEntry(
                    .role,
                    in: id,
                    by: actor.user?.id,
                    target: user,
                    detail: role.rawValue,
                    at: date
                ).append(in: transaction)
            }
            return MemberReceipt(room: id, user: user, role: role, mutedUntil: target.mutedUntil, message: message)
        }
    }

    package func mute(
        _ user: UserID,
        in id: RoomID,
        until: Date?,
        by actor: Actor,
        at date: Date
    ) async throws -> MemberReceipt {
        try await database.write { transaction in
            let standing = try transaction.lockRoom(id, for: actor)
            try standing.requireModerating()
            guard standing.room.kind != .direct, user != actor.user?.id else { throw ChatError.forbidden }
            let target = try Self.target(user, in: id, of: standing, transaction)
            let kept: SQL =
                if let until {
                    """
                    INSERT INTO room_mutes (room_id, user_id, until) VALUES (\(id), \(user), \(until))
                        ON CONFLICT (room_id, user_id) DO UPDATE SET until = excluded.until
                    """
                } else {
                    "DELETE FROM room_mutes WHERE room_id = \(id) AND user_id = \(user)"
                }
            _ = try transaction.run(
                kept,
                "UPDATE members SET muted_until = \(until) WHERE room_id = \(id) AND user_id = \(user)"
            )
            try AuditEntry(
                until == nil ? .roomUnmute : .roomMute,
                of: .user(user, name: target.name),
                by: actor,
                at: date,
                detail: ["room": id.description, "until": until?.ISO8601Format() ?? ""]
            ).append(in: transaction)
            return MemberReceipt(room: id, user: user, role: target.role, mutedUntil: until, message: nil)
        }
    }

    package func setNotifyLevel(_ level: NotifyLevel, in id: RoomID, for user: UserID) async throws -> RoomSummary {
        try await database.write { transaction in
            let results = try transaction.run(
                """
                UPDATE members SET notify_level = \(level.rawValue)
                 WHERE room_id = \(id) AND user_id = \(user) AND notify_level <> \(level.rawValue)
                """,
                Self.summary(of: id, for: user)
            )
            let summary = try results[1].first(Self.decodeSummary)
            guard let summary, summary.joined else { throw ChatError.notFound }
            return summary
        }
    }

    private struct Target {
        let name: String
        let role: RoomRole
        let mutedUntil: Date?
    }

    /// The member to whom something is done. Only owners do something to an owner. Throws `notFound`, `forbidden`.
    private static func target(
        _ user: UserID,
        in room: RoomID,
        of standing: Standing,
        _ transaction: Transaction
    ) throws -> Target {
        let target = try transaction.run(
            """
            SELECT u.name, m.role, m.muted_until FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.room_id = \(room) AND m.user_id = \(user)
            """
        )[0].first { row in try Target(name: row.read(), role: row.read(), mutedUntil: row.readIfPresent()) }
        guard let target else { throw ChatError.notFound }
        guard target.role != .owner || standing.owns else { throw ChatError.forbidden }
        return target
    }

    /// A room that has owners keeps one as long as it has members. Throws `conflict`, field `role`.
    private static func requireAnotherOwner(
        in room: RoomID,
        than user: UserID,
        leaving: Bool,
        _ transaction: Transaction
    ) throws {
        let others = try transaction.run(
            """
            SELECT EXISTS (SELECT FROM members WHERE room_id = \(room) AND user_id <> \(user) AND role = 'owner'),
                   EXISTS (SELECT FROM members WHERE room_id = \(room) AND user_id <> \(user))
            """
        )[0].first { row in try (owner: row.read(Bool.self), anybody: row.read(Bool.self)) }!
        guard others.owner || leaving && !others.anybody else {
            throw ChatError.conflict(field: "role", message: "Make somebody else an owner of the room first.")
        }
    }
}
