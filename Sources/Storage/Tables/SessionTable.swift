package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Sessions in PostgreSQL.
package struct SessionTable: SessionStoring {
    let database: Database

    package func insert(_ session: Session, tokenHash: [UInt8]) async throws {
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO sessions
                       (id, user_id, token_hash, created_at, expires_at, last_used_at, address, user_agent)
                VALUES (\(session.id), \(session.user), \(Bytes(tokenHash)), \(session.createdAt),
                        \(session.expiresAt), \(session.lastUsedAt), \(session.client.address),
                        \(session.client.userAgent))
                """
            )
        }
    }

    package func find(tokenHash: [UInt8]) async throws -> (session: Session, user: User)? {
        try await database.read(
            """
            SELECT s.id, s.user_id, s.created_at, s.expires_at, s.last_used_at, s.revoked_at, s.address, s.user_agent,
                   \(UserTable.columns)
              FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.token_hash = \(Bytes(tokenHash))
            """
        ) { row in
            try (Self.decode(&row), UserTable.decode(&row))
        }.first
    }

    private static func decode(_ row: inout Row) throws -> Session {
        try Session(
            id: row.read(),
            user: row.read(),
            createdAt: row.read(),
            expiresAt: row.read(),
            lastUsedAt: row.read(),
            revokedAt: row.readIfPresent(),
            client: ClientInfo(address: row.readIfPresent(), userAgent: row.readIfPresent())
        )
    }

    package func touch(_ id: SessionID, at date: Date) async throws {
        try await database.write { transaction in
            _ = try transaction.run(
                "UPDATE sessions SET last_used_at = GREATEST(last_used_at, \(date)) WHERE id = \(id)"
            )
        }
    }

    package func revoke(_ id: SessionID, of user: UserID, at date: Date) async throws {
        try await database.write { transaction in
            _ = try transaction.run(
                """
                UPDATE sessions SET revoked_at = \(date)
                 WHERE id = \(id) AND user_id = \(user) AND revoked_at IS NULL
                """
            )
        }
    }
}
