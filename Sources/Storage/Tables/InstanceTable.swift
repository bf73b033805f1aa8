#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Heartbeats of the instances in PostgreSQL: what is known of them while Redis does not answer.
package struct InstanceTable: Sendable {
    let database: Database

    /// One instance's last heartbeat.
    package struct Heartbeat: Sendable, Equatable {
        package let id: String
        /// What the instance told of itself, JSON.
        package let record: String
        package let lastSeen: Date
    }

    /// Writes an instance's heartbeat over the one before.
    package func beat(_ id: String, record: String, at date: Date) async throws {
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO instances (id, record, last_seen) VALUES (\(id), \(record), \(date))
                    ON CONFLICT (id) DO UPDATE SET record = excluded.record, last_seen = excluded.last_seen
                """
            )
        }
    }

    /// All heartbeats, also old ones.
    package func list() async throws -> [Heartbeat] {
        try await database.read("SELECT id, record, last_seen FROM instances ORDER BY id") { row in
            try Heartbeat(id: row.read(), record: row.read(), lastSeen: row.read())
        }
    }

    /// Takes an instance out.
    package func remove(_ id: String) async throws {
        try await database.write { transaction in
            _ = try transaction.run("DELETE FROM instances WHERE id = \(id)")
        }
    }

    /// Takes out who was last seen before `date`, and returns their ids.
    package func removeSeen(before date: Date) async throws -> [String] {
        try await database.write { transaction in
            try transaction.run("DELETE FROM instances WHERE last_seen < \(date) RETURNING id")[0]
                .decode { try $0.read(String.self) }.sorted()
        }
    }
}
