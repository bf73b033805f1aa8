#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension Database {
    /// How long PostgreSQL takes to answer at all. Throws `ChatError.unavailable` when it does not.
    package func check() async throws -> Duration {
        let start = ContinuousClock.now
        _ = try await read("SELECT 1::bigint") { try $0.read(Int64.self) }
        return start.duration(to: .now)
    }

    /// What the server is, for people who look after it.
    package struct ServerFacts: Sendable {
        package let version: String
        /// The database's size on disk.
        package let sizeBytes: Int64
        /// The server's clock.
        package let now: Date
        /// Whether what it confirms survives a power failure.
        package let isDurable: Bool
        package let connectionsMax: Int64
        package let connections: Int64
    }

    /// Asks the server about itself.
    package func serverFacts() async throws -> ServerFacts {
        try await read(
            """
            SELECT current_setting('server_version'), pg_database_size(current_database()), clock_timestamp(),
                   current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on',
                   current_setting('max_connections')::bigint, (SELECT count(*) FROM pg_stat_activity)
            """
        ) { row in
            try ServerFacts(
                version: row.read(),
                sizeBytes: row.read(),
                now: row.read(),
                isDurable: row.read(),
                connectionsMax: row.read(),
                connections: row.read()
            )
        }[0]
    }

    /// As `schemaVersion`, also where no migration was ever applied.
    package func schemaVersionIfAny() async throws -> String? {
        let exists = try await read("SELECT to_regclass('schema_migrations') IS NOT NULL") { try $0.read(Bool.self) }[0]
        return exists ? try await schemaVersion() : nil
    }

    /// The name of the last applied migration; nil for an empty database.
    package func schemaVersion() async throws -> String? {
        try await read("SELECT max(name) FROM schema_migrations") { try $0.readIfPresent(String.self) }[0]
    }

    /// For the start of a process: PostgreSQL answers and keeps what it confirms.
    ///
    /// Throws `StorageError` with a text for the owner of the machine: kind `unsafe` when `fsync`, `full_page_writes`
    /// or `synchronous_commit` is off, else why it cannot be reached.
    package func verify() async throws {
        _ = try await rows("SELECT 1::bigint")
    }

    /// Whether the chat works without the right to change tables and the audit log.
    package func hasApplicationRole() async throws -> Bool {
        try await read("SELECT NOT has_table_privilege('audit', 'UPDATE')") { try $0.read(Bool.self) }[0]
    }

    /// Runs `body` with a database that is closed afterwards; for tools that do one thing.
    @discardableResult
    package static func withDatabase<Value: Sendable>(
        _ database: Database,
        _ body: (Database) async throws -> Value
    ) async throws -> Value {
        let running = Task { await database.run() }
        defer { database.close() }
        do {
            let value = try await body(database)
            database.close()
            await running.value
            return value
        } catch {
            database.close()
            await running.value
            throw error
        }
    }
}
