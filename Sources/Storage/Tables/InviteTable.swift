package import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Invites in PostgreSQL.
package struct InviteTable: InviteStoring {
    let database: Database

    private static let columns: SQL.Fragment = """
        i.id, i.uses, i.uses_max, i.expires_at, i.created_by, i.created_at, i.revoked_at,
        ARRAY (SELECT room_id FROM invite_rooms r WHERE r.invite_id = i.id ORDER BY room_id)
        """

    private static func decode(_ row: inout Row) throws -> Invite {
        try Invite(
            id: row.read(),
            uses: row.read(),
            usesMax: row.readIfPresent(),
            expiresAt: row.readIfPresent(),
            createdBy: row.readIfPresent(),
            createdAt: row.read(),
            revokedAt: row.readIfPresent(),
            rooms: row.read()
        )
    }

    package func insert(_ invite: Invite, codeHash: [UInt8], by actor: Actor, entry: AuditEntry) async throws {
        let user = actor.user?.id
        try await database.write { transaction in
            let inserted = try transaction.run(
                """
                INSERT INTO invites (id, code_hash, uses_max, expires_at, created_by, created_at)
                VALUES (\(invite.id), \(Bytes(codeHash)), \(invite.usesMax), \(invite.expiresAt), \(user),
                        \(invite.createdAt))
                """,
                """
                INSERT INTO invite_rooms (invite_id, room_id)
                SELECT \(invite.id), r.id FROM rooms r
                 WHERE r.id = ANY(\(invite.rooms)) AND r.kind <> 'direct' AND r.archived_at IS NULL
                   AND (r.kind = 'public' OR \(user) IS NULL
                        OR EXISTS (SELECT FROM members m WHERE m.room_id = r.id AND m.user_id = \(user)))
                """
            )
            guard inserted[1].affected == invite.rooms.count else { throw ChatError.notFound }
            try entry.append(in: transaction)
        }
    }

    package func list() async throws -> [Invite] {
        try await database.read(
            "SELECT \(Self.columns) FROM invites i WHERE i.revoked_at IS NULL ORDER BY i.id DESC",
            Self.decode
        )
    }

    package func find(codeHash: [UInt8]) async throws -> Invite? {
        try await database.read(
            "SELECT \(Self.columns) FROM invites i WHERE i.code_hash = \(Bytes(codeHash))",
            Self.decode
        ).first
    }

    package func revoke(_ id: InviteID, entry: AuditEntry) async throws -> Bool {
        try await database.write { transaction in
            let revoked = try transaction.run(
                "UPDATE invites SET revoked_at = \(entry.at) WHERE id = \(id) AND revoked_at IS NULL"
            )[0]
            guard revoked.affected == 1 else { return false }
            try entry.append(in: transaction)
            return true
        }
    }

    package func signUp(
        _ user: NewUser,
        codeHash: [UInt8]?,
        entry: AuditEntry
    ) async throws -> User? {
        try await database.write { transaction in
            var invite: InviteID?
            if let codeHash {
                // Counts and checks in one statement: whoever uses, or revokes, the invite at the same moment waits for
                // the row's lock and then meets the new count.
                invite = try transaction.run(
                    """
                    UPDATE invites SET uses = uses + 1
                     WHERE code_hash = \(Bytes(codeHash)) AND revoked_at IS NULL
                       AND (expires_at IS NULL OR expires_at > \(entry.at))
                       AND (uses_max IS NULL OR uses < uses_max)
                    RETURNING id
                    """
                )[0].first { try $0.read() }
                guard invite != nil else { return nil }
            }
            try entry.append(in: transaction)
            return try UserTable.insert(user, invite: invite, in: transaction).user
        }
    }
}
