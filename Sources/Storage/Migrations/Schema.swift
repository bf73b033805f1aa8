/// The table of applied migrations, and what is done to it. Confined to the thread of its connection.
struct Schema {
    /// The key of the advisory lock: "chat" in ASCII. Only its being the same everywhere matters.
    private static let lockKey: Int64 = 0x6368_6174

    private let connection: Connection
    private let deadline = Deadline.after(Limits.migrationTimeout)

    init(_ connection: Connection) { self.connection = connection }

    /// Runs `body` while no other process does. The lock belongs to the connection, so it cannot outlive us.
    func lock<Value>(_ body: (Schema) throws -> Value) throws -> Value {
        _ = try connection.run(["SELECT pg_advisory_lock(\(Self.lockKey))::text"], until: deadline)
        let value = try body(self)
        _ = try connection.run(["SELECT pg_advisory_unlock(\(Self.lockKey))"], until: deadline)
        return value
    }

    func hasTable() throws -> Bool {
        try connection.run(["SELECT to_regclass('schema_migrations') IS NOT NULL"], until: deadline)[0]
            .first { try $0.read() } ?? false
    }

    func createTable() throws {
        _ = try connection.run(
            [
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    name       text PRIMARY KEY,
                    checksum   text NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """
            ],
            until: deadline
        )
    }

    /// The migrations that are not applied yet. Throws `configuration` when what is applied is not what we have.
    func pending(of migrations: [Migration]) throws -> [Migration] {
        let applied = try connection.run(
            ["SELECT name, checksum FROM schema_migrations ORDER BY name"],
            until: deadline
        )[0].decode { try (name: $0.read(String.self), checksum: $0.read(String.self)) }
        let checksums = try connection.run(
            [
                """
                SELECT encode(sha256(convert_to(script, 'UTF8')), 'hex')
                  FROM unnest(\(migrations.map(\.script))) WITH ORDINALITY AS given (script, position)
                 ORDER BY position
                """
            ],
            until: deadline
        )[0].decode { try $0.read(String.self) }
        for (index, row) in applied.enumerated() {
            guard index < migrations.count, migrations[index].name == row.name else {
                throw StorageError(
                    .configuration,
                    "the database has the migration \(row.name), which this program does not know; it is probably older"
                )
            }
            guard checksums[index] == row.checksum else {
                throw StorageError(.configuration, "the migration \(row.name) was changed after it was applied")
            }
        }
        return Array(migrations.dropFirst(applied.count))
    }

    /// Says what the application's role may do with the tables.
    func grant() throws {
        try connection.execute(script: ApplicationRole.grants, until: deadline)
    }

    /// Applies one migration and writes it down, both or neither.
    func apply(_ migration: Migration) throws {
        do {
            _ = try connection.run(["BEGIN"], until: deadline)
            try connection.execute(script: migration.script, until: deadline)
            _ = try connection.run(
                [
                    """
                    INSERT INTO schema_migrations (name, checksum)
                    VALUES (\(migration.name), encode(sha256(convert_to(\(migration.script), 'UTF8')), 'hex'))
                    """,
                    "COMMIT",
                ],
                until: deadline
            )
        } catch let error as StorageError {
            // The connection is closed by whoever opened it, and with it goes the open transaction.
            throw StorageError(
                error.kind,
                "migration \(migration.name): \(error.detail)",
                sqlState: error.sqlState,
                constraint: error.constraint
            )
        }
    }
}
