package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension UserTable {
    /// Browsers that an account knows, at most.
    static let devicesPerUserMax: Int64 = 20

    package func update(_ id: UserID, _ change: UserChange, by actor: Actor, at date: Date) async throws -> UserUpdate {
        try await database.write { transaction in
            let before = try Self.lock(id, in: transaction)
            let disabledAt: Date? =
                switch change.isDisabled {
                case true?: before.disabledAt ?? date
                case false?: nil
                case nil: before.disabledAt
                }
            let role = change.role ?? before.role
            if role != .admin || disabledAt != nil {
                try Self.requireAnotherAdmin(than: before, by: actor, in: transaction)
            }
            let after = try transaction.run(
                """
                UPDATE users u
                   SET name = COALESCE(\(change.name?.description), u.name),
                       display_name = COALESCE(\(change.displayName?.description), u.display_name),
                       role = \(role.rawValue),
                       -- A bot has no password.
                       password_hash = CASE WHEN \(role == .bot) THEN NULL ELSE u.password_hash END,
                       disabled_at = \(disabledAt)
                 WHERE u.id = \(id)
                RETURNING \(Self.columns)
                """
            )[0].first(Self.decode)!
            if before.disabledAt == nil, after.disabledAt != nil || (role == .bot && before.role != .bot) {
                try Self.endAccess(of: id, includingTokens: false, at: date, in: transaction)
            }
            for entry in Self.entries(before, after, by: actor, at: date) { try entry.append(in: transaction) }
            return UserUpdate(before: before, after: after)
        }
    }

    package func setPassword(
        hash: String,
        of id: UserID,
        keeping session: (id: SessionID, tokenHash: [UInt8])?,
        entry: AuditEntry
    ) async throws -> [SessionID] {
        try await database.write { transaction in
            let changed = try transaction.run(
                "UPDATE users SET password_hash = \(hash) WHERE id = \(id) AND deleted_at IS NULL AND role <> 'bot'",
                "DELETE FROM devices WHERE user_id = \(id)",
                """
                UPDATE sessions SET token_hash = \(session.map { Bytes($0.tokenHash) })
                 WHERE id = \(session?.id) AND user_id = \(id) AND revoked_at IS NULL
                """
            )
            // A session that was revoked in this moment must not come back with a new secret.
            guard changed[0].affected == 1, session == nil || changed[2].affected == 1 else {
                throw ChatError.notFound
            }
            try entry.append(in: transaction)
            return try SessionTable.revokeLogins(of: id, except: session?.id, at: entry.at, in: transaction)
        }
    }

    package func delete(_ id: UserID, by actor: Actor, at date: Date) async throws -> UserDeletion {
        try await database.write { transaction in
            let before = try Self.lock(id, in: transaction)
            try Self.requireAnotherAdmin(than: before, by: actor, in: transaction)
            let left = try Self.leaveRooms(id, at: date, in: transaction)
            try Self.endAccess(of: id, includingTokens: true, at: date, in: transaction)
            let suffix = String(id.description.suffix(8))
            let user = try transaction.run(
                """
                UPDATE users u
                   SET name = \(User.deletedNamePrefix + suffix), display_name = \(User.deletedDisplayName),
                       role = 'member', password_hash = NULL, deleted_at = \(date),
                       disabled_at = COALESCE(u.disabled_at, \(date))
                 WHERE u.id = \(id)
                RETURNING \(Self.columns)
                """
            )[0].first(Self.decode)!
            let subject = AuditEntry.Subject.user(id, name: before.name)
            try AuditEntry(.userDelete, of: subject, by: actor, at: date).append(in: transaction)
            return UserDeletion(user: user, left: left)
        }
    }

    package func remember(device: [UInt8], of user: UserID, at date: Date) async throws {
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO devices (token_hash, user_id, last_used_at)
                VALUES (\(Bytes(device)), \(user), \(date))
                    ON CONFLICT (token_hash) DO UPDATE SET last_used_at = excluded.last_used_at
                 WHERE devices.user_id = excluded.user_id
                """,
                """
                DELETE FROM devices
                 WHERE token_hash IN (SELECT token_hash FROM devices WHERE user_id = \(user)
                                       ORDER BY last_used_at DESC OFFSET \(Self.devicesPerUserMax))
                """
            )
        }
    }

    // MARK: Steps

    /// Locks the admins in the order of their ids, then the account. So of two admins who demote each other at the same
    /// moment, on two instances, the second one sees what the first one did. Throws `notFound`.
    private static func lock(_ id: UserID, in transaction: Transaction) throws -> User {
        let user = try transaction.run(
            "SELECT id FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id FOR NO KEY UPDATE",
            "SELECT \(columns) FROM users u WHERE u.id = \(id) AND u.deleted_at IS NULL FOR NO KEY UPDATE"
        )[1].first(decode)
        guard let user else { throw ChatError.notFound }
        return user
    }

    /// The owner of the machine can make a new admin at any time; people cannot.
    private static func requireAnotherAdmin(than user: User, by actor: Actor, in transaction: Transaction) throws {
        guard actor.user != nil, user.role == .admin, user.disabledAt == nil else { return }
        let another = try transaction.run(
            """
            SELECT EXISTS (SELECT FROM users WHERE role = 'admin' AND disabled_at IS NULL AND id <> \(user.id))
            """
        )[0].first { try $0.read(Bool.self) }
        guard another == true else {
            throw ChatError.conflict(field: "role", message: "The chat needs at least one admin.")
        }
    }

    /// Ends the logins, forgets the browsers and revokes the invites of an account. Tokens of an account that is only
    /// disabled stay: they do nothing until it is enabled, and a bot needs them then.
    private static func endAccess(
        of id: UserID,
        includingTokens: Bool,
        at date: Date,
        in transaction: Transaction
    ) throws {
        _ = try transaction.run(
            """
            UPDATE sessions SET revoked_at = \(date)
             WHERE user_id = \(id) AND revoked_at IS NULL AND (kind = 'login' OR \(includingTokens))
            """,
            "DELETE FROM devices WHERE user_id = \(id)",
            "UPDATE invites SET revoked_at = \(date) WHERE created_by = \(id) AND revoked_at IS NULL"
        )
    }

    /// Ends every membership but those in direct rooms, whose people are fixed.
    private static func leaveRooms(_ id: UserID, at date: Date, in transaction: Transaction) throws -> [Message] {
        let rooms = try transaction.run(
            """
            SELECT r.id FROM rooms r
             WHERE r.kind <> 'direct' AND r.id IN (SELECT room_id FROM members WHERE user_id = \(id))
             ORDER BY r.id FOR NO KEY UPDATE
            """
        )[0].decode { try $0.read(RoomID.self) }
        var entries: [Message] = []
        for room in rooms {
            let removed = try transaction.run("DELETE FROM members WHERE room_id = \(room) AND user_id = \(id)")[0]
            guard removed.affected == 1 else { continue }
            entries.append(try RoomEntry(.left, in: room, by: id, at: date).append(in: transaction))
        }
        return entries
    }

    /// One entry for each thing that changed.
    private static func entries(_ before: User, _ after: User, by actor: Actor, at date: Date) -> [AuditEntry] {
        let subject = AuditEntry.Subject.user(after.id, name: after.name)
        func entry(_ action: AuditEntry.Action, _ detail: [String: String] = [:]) -> AuditEntry {
            AuditEntry(action, of: subject, by: actor, at: date, detail: detail)
        }
        var entries: [AuditEntry] = []
        if before.name != after.name { entries.append(entry(.userRename, ["from": before.name, "to": after.name])) }
        if before.displayName != after.displayName {
            entries.append(entry(.userDisplayName, ["from": before.displayName, "to": after.displayName]))
        }
        if before.role != after.role {
            entries.append(entry(.userRole, ["from": before.role.rawValue, "to": after.role.rawValue]))
        }
        switch (before.disabledAt, after.disabledAt) {
        case (nil, .some): entries.append(entry(.userDisable))
        case (.some, nil): entries.append(entry(.userEnable))
        case (nil, nil), (.some, .some): break
        }
        return entries
    }
}
