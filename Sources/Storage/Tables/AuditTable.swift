package import Domain
import Foundation

/// The audit log in PostgreSQL.
package struct AuditTable: AuditStoring {
    let database: Database

    package func page(
        _ filter: AuditFilter,
        before cursor: AuditEntryID?,
        limit: Int
    ) async throws -> [AuditEntry] {
        try await database.read(
            """
            SELECT id, at, actor_id, actor_name, action, subject_kind, subject_id, subject_name, detail::text, address
              FROM audit
             WHERE (\(cursor) IS NULL OR id < \(cursor))
               AND (\(filter.actor) IS NULL OR actor_name = \(filter.actor))
               AND (\(filter.action?.rawValue) IS NULL OR action = \(filter.action?.rawValue))
             ORDER BY id DESC
             LIMIT \(Int64(limit))
            """,
            Self.decode
        )
    }

    private static func decode(_ row: inout Row) throws -> AuditEntry {
        try AuditEntry(
            id: row.read(),
            at: row.read(),
            actor: decodeActor(&row),
            action: row.read(),
            subject: AuditEntry.Subject(kind: row.read(), id: row.readIfPresent(), name: row.readIfPresent()),
            detail: JSONDecoder().decode([String: String].self, from: Data(row.read(String.self).utf8)),
            address: row.readIfPresent()
        )
    }

    private static func decodeActor(_ row: inout Row) throws -> AuditEntry.Author {
        let user: UserID? = try row.readIfPresent()
        let name: String = try row.read()
        return user.map { .person($0, name: name) } ?? .system(name: name)
    }
}

extension AuditEntry {
    /// Adds the entry in the transaction of the act that it tells of.
    func append(in transaction: Transaction) throws {
        let kind = actor.user == nil ? "system" : "person"
        let detail = String(decoding: try JSONEncoder().encode(detail), as: UTF8.self)
        _ = try transaction.run(
            """
            INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, subject_name,
                               detail, address)
            VALUES (\(id), \(at), \(kind), \(actor.user), \(actor.name), \(action.rawValue), \(subject.kind.rawValue),
                    \(subject.id), \(subject.name), \(detail)::jsonb, \(address))
            """
        )
    }
}
