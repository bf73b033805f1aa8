package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The rooms' logs as queues of webhooks: a place in each, and a lease for whoever delivers.
///
/// Sending writes nothing for it. What a webhook was not told yet is what stands behind its place in the room's log.
extension WebhookTable: WebhookQueueing {
    package func watch(at date: Date) async throws -> WebhookWatch {
        let rooms = try await database.read(
            """
            SELECT p.room_id,
                   bool_or(r.last_seq > p.seq AND w.next_attempt_at <= \(date)
                           AND (w.leased_until IS NULL OR w.leased_until <= \(date)))
              FROM webhooks w JOIN webhook_rooms p ON p.webhook_id = w.id JOIN rooms r ON r.id = p.room_id
             WHERE w.dead_since IS NULL
             GROUP BY p.room_id
            """
        ) { row in
            try (room: row.read(RoomID.self), isDue: row.read(Bool.self))
        }
        return WebhookWatch(rooms: Set(rooms.map(\.room)), isDue: rooms.contains(where: \.isDue))
    }

    package func claim(atMost limit: Int, until end: Date, at date: Date) async throws -> [WebhookClaim] {
        try await database.write { transaction in
            // Rows that another instance is taking in this moment are passed over, so nobody waits for anybody.
            try transaction.run(
                """
                UPDATE webhooks w
                   SET lease = gen_random_uuid(), leased_until = \(end)
                 WHERE w.id IN (
                       SELECT due.id FROM webhooks due
                        WHERE due.dead_since IS NULL AND due.next_attempt_at <= \(date)
                          AND (due.leased_until IS NULL OR due.leased_until <= \(date))
                          AND EXISTS (SELECT FROM webhook_rooms p JOIN rooms r ON r.id = p.room_id
                                       WHERE p.webhook_id = due.id AND r.last_seq > p.seq)
                        ORDER BY due.next_attempt_at, due.id LIMIT \(Int64(limit))
                          FOR UPDATE SKIP LOCKED)
                RETURNING \(Self.targetColumns), w.lease, w.failing_since
                """
            )[0].decode { row in
                try WebhookClaim(target: Self.decodeTarget(&row), lease: row.read(), failingSince: row.readIfPresent())
            }
        }
    }

    package func next(of id: WebhookID, after last: RoomID?, limit: Int) async throws -> WebhookBatch? {
        let place = try await database.read(
            """
            SELECT p.seq, \(RoomTable.columns)
              FROM webhook_rooms p JOIN rooms r ON r.id = p.room_id
             WHERE p.webhook_id = \(id) AND r.last_seq > p.seq
             ORDER BY \(last) IS NOT NULL AND p.room_id <= \(last), p.room_id
             LIMIT 1
            """
        ) { row in
            try (seq: row.read(Int64.self), room: RoomTable.decode(&row))
        }.first
        guard let place else { return nil }
        let tail = try await database.messages.changed(in: place.room.id, after: place.seq, limit: limit)
        let people = Set(
            tail.messages.flatMap { [$0.author, $0.target, $0.deletedBy].compactMap(\.self) + $0.mentions }
        )
        return WebhookBatch(
            room: place.room,
            messages: tail.messages,
            to: tail.to,
            people: try await database.read(
                "SELECT \(UserTable.columns) FROM users u WHERE u.id = ANY(\(people.sorted())) ORDER BY u.name",
                UserTable.decode
            )
        )
    }

    package func delivered(
        _ claim: WebhookClaim,
        _ room: RoomID,
        upTo seq: Int64,
        _ answer: WebhookAnswer,
        until end: Date,
        at date: Date
    ) async throws -> Bool {
        try await database.write { transaction in
            let kept = try transaction.run(
                """
                UPDATE webhooks
                   SET attempted_at = \(date), status = \(answer.status), failure = NULL, failures = 0,
                       failing_since = NULL, next_attempt_at = \(date), leased_until = \(end)
                 WHERE id = \(claim.target.id) AND lease = \(claim.lease)
                """
            )[0]
            // Whoever took the webhook over tells it the same once more; its place must not jump.
            guard kept.affected == 1 else { return false }
            _ = try transaction.run(
                """
                UPDATE webhook_rooms SET seq = GREATEST(seq, \(seq))
                 WHERE webhook_id = \(claim.target.id) AND room_id = \(room)
                """
            )
            return true
        }
    }

    package func failed(
        _ claim: WebhookClaim,
        _ answer: WebhookAnswer,
        _ verdict: WebhookRetries.Verdict,
        entry: AuditEntry
    ) async throws -> Bool {
        let (next, dead): (Date, Date?) =
            switch verdict {
            case .again(let date): (date, nil)
            case .dead: (entry.at, entry.at)
            }
        return try await database.write { transaction in
            let kept = try transaction.run(
                """
                UPDATE webhooks
                   SET attempted_at = \(entry.at), status = \(answer.status), failure = \(answer.failure),
                       failures = failures + 1, failing_since = coalesce(failing_since, \(entry.at)),
                       dead_since = \(dead), next_attempt_at = \(next), lease = NULL, leased_until = NULL
                 WHERE id = \(claim.target.id) AND lease = \(claim.lease)
                """
            )[0]
            guard kept.affected == 1 else { return false }
            if dead != nil { try entry.append(in: transaction) }
            return true
        }
    }

    package func release(_ claim: WebhookClaim) async throws {
        try await database.write { transaction in
            _ = try transaction.run(
                """
                UPDATE webhooks SET lease = NULL, leased_until = NULL
                 WHERE id = \(claim.target.id) AND lease = \(claim.lease)
                """
            )
        }
    }
}
