package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Bans in PostgreSQL.
package struct BanTable: BanStoring {
    let database: Database

    static let columns: SQL.Fragment =
        "b.id, b.user_id, b.address::text, b.until, b.reason, b.created_by, b.created_at, b.lifted_at"

    static func decode(_ row: inout Row) throws -> Ban {
        guard let ban = try decodeIfPresent(&row) else { throw StorageError(.decoding, "a ban without an id") }
        return ban
    }

    /// Nil where an outer join found none; the row is not read any further then.
    static func decodeIfPresent(_ row: inout Row) throws -> Ban? {
        guard let id: BanID = try row.readIfPresent() else { return nil }
        return try Ban(
            id: id,
            subject: decodeSubject(&row),
            until: row.readIfPresent(),
            reason: row.read(),
            createdBy: row.readIfPresent(),
            createdAt: row.read(),
            liftedAt: row.readIfPresent()
        )
    }

    private static func decodeSubject(_ row: inout Row) throws -> Ban.Subject {
        let user: UserID? = try row.readIfPresent()
        let address: String? = try row.readIfPresent()
        if let user { return .user(user) }
        guard let range = address.flatMap({ AddressRange($0) }) else {
            throw StorageError(.decoding, "a ban of nobody")
        }
        return .address(range)
    }

    package func insert(_ ban: Ban, entry: AuditEntry) async throws {
        let user: UserID?
        let address: String?
        switch ban.subject {
        case .user(let id): (user, address) = (id, nil)
        case .address(let range): (user, address) = (nil, range.description)
        }
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO bans (id, user_id, address, until, reason, created_by, created_at)
                VALUES (\(ban.id), \(user), \(address)::cidr, \(ban.until), \(ban.reason), \(ban.createdBy),
                        \(ban.createdAt))
                """
            )
            try entry.append(in: transaction)
        }
    }

    package func list(at date: Date) async throws -> [Ban] {
        try await database.read(
            """
            SELECT \(Self.columns) FROM bans b
             WHERE b.lifted_at IS NULL AND (b.until IS NULL OR b.until > \(date))
             ORDER BY b.id DESC
            """,
            Self.decode
        )
    }

    package func find(address: String, at date: Date) async throws -> Ban? {
        guard let address = IPAddress(address) else { return nil }
        return try await database.read(
            """
            SELECT \(Self.columns) FROM bans b
             WHERE b.address >>= \(address.description)::inet AND b.lifted_at IS NULL
               AND (b.until IS NULL OR b.until > \(date))
             LIMIT 1
            """,
            Self.decode
        ).first
    }

    package func find(user: UserID, at date: Date) async throws -> Ban? {
        try await database.read(
            """
            SELECT \(Self.columns) FROM bans b
             WHERE b.user_id = \(user) AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > \(date))
             LIMIT 1
            """,
            Self.decode
        ).first
    }

    package func lift(_ id: BanID, by actor: Actor, at date: Date) async throws -> Ban? {
        try await database.write { transaction in
            let ban = try transaction.run(
                """
                UPDATE bans b SET lifted_at = \(date)
                 WHERE b.id = \(id) AND b.lifted_at IS NULL AND (b.until IS NULL OR b.until > \(date))
                RETURNING \(Self.columns)
                """
            )[0].first(Self.decode)
            guard let ban else { return nil }
            let name: String?
            switch ban.subject {
            case .address(let range): name = range.description
            case .user(let user):
                name = try transaction.run("SELECT name FROM users WHERE id = \(user)")[0].first { try $0.read() }
            }
            let subject = AuditEntry.Subject(kind: .ban, id: id.description, name: name)
            try AuditEntry(.banLift, of: subject, by: actor, at: date).append(in: transaction)
            return ban
        }
    }
}
