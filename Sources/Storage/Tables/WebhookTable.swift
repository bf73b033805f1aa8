package import Domain

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Webhooks in PostgreSQL.
package struct WebhookTable: WebhookStoring {
    let database: Database

    private static let columns: SQL.Fragment = """
        w.id, w.name, w.url, w.created_by, w.created_at,
        ARRAY (SELECT room_id FROM webhook_rooms p WHERE p.webhook_id = w.id ORDER BY room_id),
        w.dead_since, w.failing_since, w.failures, w.attempted_at, w.status, w.failure, w.next_attempt_at
        """

    private static func decode(_ row: inout Row) throws -> Webhook {
        try Webhook(
            id: row.read(),
            name: row.read(),
            url: row.read(),
            createdBy: row.readIfPresent(),
            createdAt: row.read(),
            rooms: row.read(),
            state: decodeState(dead: row.readIfPresent(), failing: row.readIfPresent()),
            failures: row.read(),
            attemptedAt: row.readIfPresent(),
            status: row.readIfPresent(),
            failure: row.readIfPresent(),
            nextAttemptAt: row.read()
        ).settled
    }

    private static func decodeState(dead: Date?, failing: Date?) -> Webhook.State {
        if let dead { return .dead(since: dead) }
        return failing.map { .failing(since: $0) } ?? .active
    }

    static let targetColumns: SQL.Fragment = "w.id, w.name, w.url, w.secret, w.failures"

    static func decodeTarget(_ row: inout Row) throws -> WebhookTarget {
        try WebhookTarget(id: row.read(), name: row.read(), url: row.read(), secret: row.read(), failures: row.read())
    }

    package func insert(_ webhook: Webhook, secret: String, by actor: Actor, entry: AuditEntry) async throws {
        let user = actor.user?.id
        try await database.write { transaction in
            // Numbers are in the order of commits: what is not in this snapshot has a higher one, and is told.
            let inserted = try transaction.run(
                """
                INSERT INTO webhooks (id, name, url, secret, created_by, created_at, next_attempt_at)
                VALUES (\(webhook.id), \(webhook.name), \(webhook.url), \(secret), \(user), \(webhook.createdAt),
                        \(webhook.createdAt))
                """,
                """
                INSERT INTO webhook_rooms (webhook_id, room_id, seq)
                SELECT \(webhook.id), r.id, r.last_seq FROM rooms r
                 WHERE r.id = ANY(\(webhook.rooms)) AND r.kind <> 'direct'
                   AND (r.kind = 'public' OR \(user) IS NULL
                        OR EXISTS (SELECT FROM members m WHERE m.room_id = r.id AND m.user_id = \(user)))
                """
            )
            guard inserted[1].affected == webhook.rooms.count else { throw ChatError.notFound }
            try entry.append(in: transaction)
        }
    }

    package func list() async throws -> [Webhook] {
        try await database.read("SELECT \(Self.columns) FROM webhooks w ORDER BY w.name", Self.decode)
    }

    package func target(of id: WebhookID) async throws -> WebhookTarget? {
        try await database.read(
            "SELECT \(Self.targetColumns) FROM webhooks w WHERE w.id = \(id)",
            Self.decodeTarget
        ).first
    }

    package func tested(_ id: WebhookID, _ answer: WebhookAnswer, entry: AuditEntry) async throws -> Webhook? {
        try await database.write { transaction in
            let before = try transaction.run("SELECT \(Self.columns) FROM webhooks w WHERE w.id = \(id) FOR UPDATE")[0]
                .first(Self.decode)
            guard let before else { return nil }
            _ = try transaction.run(
                """
                UPDATE webhooks
                   SET attempted_at = \(entry.at), status = \(answer.status), failure = \(answer.failure)
                 WHERE id = \(id)
                """
            )
            guard answer.isDelivered, before.state != .active else { return before }
            _ = try transaction.run(
                """
                UPDATE webhooks
                   SET dead_since = NULL, failing_since = NULL, failures = 0, next_attempt_at = \(entry.at)
                 WHERE id = \(id)
                """
            )
            if case .dead = before.state { try entry.append(in: transaction) }
            return before
        }
    }

    package func delete(_ id: WebhookID, entry: AuditEntry) async throws -> Webhook? {
        try await database.write { transaction in
            let found = try transaction.run("SELECT \(Self.columns) FROM webhooks w WHERE w.id = \(id) FOR UPDATE")[0]
                .first(Self.decode)
            guard let found else { return nil }
            _ = try transaction.run("DELETE FROM webhooks WHERE id = \(id)")
            try entry.naming(found.name).append(in: transaction)
            return found
        }
    }
}

extension Webhook {
    /// Only for one that failed the next attempt is a matter of time.
    fileprivate var settled: Webhook {
        if case .failing = state { return self }
        return Webhook(
            id: id,
            name: name,
            url: url,
            createdBy: createdBy,
            createdAt: createdAt,
            rooms: rooms,
            state: state,
            failures: failures,
            attemptedAt: attemptedAt,
            status: status,
            failure: failure
        )
    }
}
