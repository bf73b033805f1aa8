extension Database {
    /// How long PostgreSQL takes to answer at all. Throws `ChatError.unavailable` when it does not.
    package func check() async throws -> Duration {
        let start = ContinuousClock.now
        _ = try await read("SELECT 1::bigint") { try $0.read(Int64.self) }
        return start.duration(to: .now)
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
