package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Sessions in PostgreSQL.
package struct SessionTable: SessionStoring {
    let database: Database

    private static let columns: SQL.Fragment = """
        s.id, s.user_id, s.kind, s.name, s.scopes, s.created_at, s.expires_at, s.last_used_at, s.revoked_at, s.address,
        s.user_agent
        """

    private static func decode(_ row: inout Row) throws -> Session {
        try Session(
            id: row.read(),
            user: row.read(),
            kind: decodeKind(&row),
            createdAt: row.read(),
            expiresAt: row.readIfPresent(),
            lastUsedAt: row.read(),
            revokedAt: row.readIfPresent(),
            client: ClientInfo(address: row.readIfPresent(), userAgent: row.readIfPresent())
        )
    }

    private static func decodeKind(_ row: inout Row) throws -> Session.Kind {
        let kind: SessionListKind = try row.read()
        let name: String? = try row.readIfPresent()
        let scopes: [String]? = try row.readIfPresent()
        return switch kind {
        case .login: .login
        case .token: .token(name: name ?? "", scopes: Set((scopes ?? []).compactMap(Scope.init)))
        }
    }

    package func insert(_ session: Session, tokenHash: [UInt8], entry: AuditEntry) async throws {
        let kind: SessionListKind
        let name: String?
        let scopes: [String]?
        switch session.kind {
        case .login: (kind, name, scopes) = (.login, nil, nil)
        case .token(let given, let granted): (kind, name, scopes) = (.token, given, granted.map(\.rawValue).sorted())
        }
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO sessions
                       (id, user_id, kind, name, scopes, token_hash, created_at, expires_at, last_used_at, address,
                        user_agent)
                VALUES (\(session.id), \(session.user), \(kind.rawValue), \(name), \(scopes), \(Bytes(tokenHash)),
                        \(session.createdAt), \(session.expiresAt), \(session.lastUsedAt), \(session.client.address),
                        \(session.client.userAgent))
                """
            )
            try entry.append(in: transaction)
        }
    }

    package func find(tokenHash: [UInt8], address: String?, at date: Date) async throws -> FoundSession? {
        let address = address.flatMap { IPAddress($0)?.description }
        return try await database.read(
            """
            SELECT \(Self.columns), \(UserTable.columns), \(BanTable.columns)
              FROM sessions s JOIN users u ON u.id = s.user_id
              LEFT JOIN LATERAL (
                    (SELECT * FROM bans
                      WHERE user_id = u.id AND lifted_at IS NULL AND (until IS NULL OR until > \(date)) LIMIT 1)
                     UNION ALL
                    (SELECT * FROM bans
                      WHERE address >>= \(address)::inet AND lifted_at IS NULL AND (until IS NULL OR until > \(date))
                      LIMIT 1)
                     LIMIT 1) b ON true
             WHERE s.token_hash = \(Bytes(tokenHash))
            """
        ) { row in
            try FoundSession(
                session: Self.decode(&row),
                user: UserTable.decode(&row),
                ban: BanTable.decodeIfPresent(&row)
            )
        }.first
    }

    package func touch(_ ids: [SessionID], at date: Date) async throws {
        let last = date.addingTimeInterval(-Session.touchIntervalSeconds)
        try await database.write { transaction in
            // In one order everywhere: another instance may write the same rows.
            _ = try transaction.run(
                """
                UPDATE sessions SET last_used_at = \(date)
                 WHERE id IN (SELECT id FROM sessions WHERE id = ANY(\(ids)) AND last_used_at <= \(last)
                               ORDER BY id FOR NO KEY UPDATE)
                """
            )
        }
    }

    package func list(_ kind: SessionListKind, of user: UserID, at date: Date) async throws -> [Session] {
        try await database.read(
            """
            SELECT \(Self.columns) FROM sessions s
             WHERE s.user_id = \(user) AND s.kind = \(kind.rawValue) AND s.revoked_at IS NULL
             ORDER BY s.id DESC
            """,
            Self.decode
        ).filter { $0.isLive(at: date) }
    }

    package func revoke(
        _ id: SessionID,
        _ kind: SessionListKind,
        of user: UserID,
        entry: AuditEntry
    ) async throws -> Bool {
        try await database.write { transaction in
            let name: String?? = try transaction.run(
                """
                UPDATE sessions SET revoked_at = \(entry.at)
                 WHERE id = \(id) AND kind = \(kind.rawValue) AND user_id = \(user) AND revoked_at IS NULL
                RETURNING name
                """
            )[0].first { try $0.readIfPresent(String.self) }
            guard let name else { return false }
            try entry.naming(name ?? entry.subject.name).append(in: transaction)
            return true
        }
    }

    package func revokeLogins(of user: UserID, except kept: SessionID?, entry: AuditEntry) async throws -> [SessionID] {
        try await database.write { transaction in
            let ended = try Self.revokeLogins(of: user, except: kept, at: entry.at, in: transaction)
            if !ended.isEmpty { try entry.append(in: transaction) }
            return ended
        }
    }

    static func revokeLogins(
        of user: UserID,
        except kept: SessionID?,
        at date: Date,
        in transaction: Transaction
    ) throws -> [SessionID] {
        try transaction.run(
            """
            UPDATE sessions SET revoked_at = \(date)
             WHERE user_id = \(user) AND kind = 'login' AND revoked_at IS NULL AND id IS DISTINCT FROM \(kept)
            RETURNING id
            """
        )[0].decode { try $0.read() }
    }

    package func ended(of live: [LiveSession], at date: Date) async throws -> [LiveSession: SessionEnd] {
        let addresses = live.map { $0.address.flatMap { IPAddress($0)?.description } ?? "" }
        let rows = try await database.read(
            """
            SELECT live.position, found.role IS NOT NULL
              FROM unnest(\(live.map(\.session)), \(live.map(\.role.rawValue)), \(addresses))
                   WITH ORDINALITY AS live (session_id, role, address, position)
              LEFT JOIN LATERAL (
                    SELECT u.role FROM sessions s JOIN users u ON u.id = s.user_id
                     WHERE s.id = live.session_id AND s.revoked_at IS NULL
                       AND (s.expires_at IS NULL OR s.expires_at > \(date)) AND u.disabled_at IS NULL
                       AND NOT EXISTS (SELECT FROM bans b
                                        WHERE b.user_id = u.id AND b.lifted_at IS NULL
                                          AND (b.until IS NULL OR b.until > \(date)))
                       AND NOT EXISTS (SELECT FROM bans b
                                        WHERE b.address >>= NULLIF(live.address, '')::inet AND b.lifted_at IS NULL
                                          AND (b.until IS NULL OR b.until > \(date)))) found ON true
             WHERE found.role IS DISTINCT FROM live.role
            """
        ) { (position: try $0.read(Int64.self), isOutdated: try $0.read(Bool.self)) }
        return Dictionary(
            rows.map { (live[Int($0.position) - 1], $0.isOutdated ? .outdated : .over) },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
