package import Logging

/// Brings a database to the schema of a folder of migrations: `0001_create_users.sql`, `0002_…`, in this order.
///
/// A migration that was shipped never changes: its checksum is stored with it. Several processes may migrate at once;
/// an advisory lock lets one work while the others wait and then find nothing left to do.
package struct Migrator: Sendable {
    private let info: ConnectionInfo
    private let folder: String
    private let logger: Logger

    /// Migrations of `folder` for the database at `url`. Throws `StorageError`, kind `configuration`, for a bad URL.
    package init(url: String, folder: String, logger: Logger) throws {
        try self.init(ConnectionInfo(url), folder: folder, logger: logger)
    }

    package init(_ info: ConnectionInfo, folder: String, logger: Logger) {
        self.info = info
        self.folder = folder
        self.logger = logger
    }

    /// Applies what is missing, each migration in a transaction of its own, and returns the names of those.
    ///
    /// Throws `StorageError`: `configuration` when a migration was changed after it was applied, when the database has
    /// one that the folder lacks (a newer program was here), or when the folder cannot be read; `server` when a
    /// migration fails, and then it left nothing behind.
    @discardableResult
    package func migrate() async throws -> [String] {
        try await onConnection { connection in
            try Schema(connection).lock { schema in
                try schema.createTable()
                let pending = try schema.pending(of: Migration.all(in: folder))
                for migration in pending {
                    try schema.apply(migration)
                    logger.info("migrated", metadata: ["migration": "\(migration.name)"])
                }
                try schema.grant()
                return pending.map(\.name)
            }
        }
    }

    /// The names of the migrations that the database lacks. Throws as `migrate`.
    package func pending() async throws -> [String] {
        try await onConnection { connection in
            let schema = Schema(connection)
            let migrations = try Migration.all(in: folder)
            return try (schema.hasTable() ? schema.pending(of: migrations) : migrations).map(\.name)
        }
    }

    /// Refuses a schema that is not exactly that of the folder; for instances that do not migrate themselves.
    package func verify() async throws {
        let pending = try await onConnection { connection in
            let schema = Schema(connection)
            let migrations = try Migration.all(in: folder)
            return try schema.hasTable() ? try schema.pending(of: migrations) : migrations
        }
        if let first = pending.first {
            throw StorageError(
                .configuration,
                "\(info) lacks \(pending.count) migrations, the first is \(first.name); apply them first"
            )
        }
    }

    private func onConnection<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try await onThread { [info] in try body(Connection.connect(info, until: .after(Limits.connectTimeout))) }
    }
}
