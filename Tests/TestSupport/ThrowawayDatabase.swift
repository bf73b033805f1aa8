import Foundation
package import Logging
package import Storage

/// A PostgreSQL database that exists for one test: made, migrated, run, and dropped.
package struct ThrowawayDatabase: Sendable {
    /// The database, which is running.
    package let database: Database
    /// Its name on the server.
    package let name: String
    /// The server on which it is.
    package let server: DatabaseServer
    /// For processes that are started by the test, as `DATABASE_URL`.
    package var url: String { database.info.connectionString }

    /// The folder of migrations of this project.
    package static let migrations = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "migrations").path(percentEncoded: false)

    /// All tests of a run begin at once. A server that makes seventy databases and holds three hundred connections at
    /// the same time lets calls run into their deadlines, and that is not what the tests are about.
    private static let turns = Turns(6)

    /// A logger that says nothing.
    package static let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` with a database of its own.
    package static func with<Value: Sendable>(
        migrated: Bool = true,
        readers: Int = Limits.readersDefault,
        _ body: (ThrowawayDatabase) async throws -> Value
    ) async throws -> Value {
        let maintenance = try maintenanceInfo()
        await turns.take()
        defer { turns.giveBack() }
        let server = DatabaseServer(maintenance)
        let name = "chat_test_" + String(UInt64.random(in: 0 ... .max), radix: 36)
        try await server.createDatabase(name)
        let info = maintenance.with(database: name)
        let result: Result<Value, any Error>
        do {
            if migrated { try await Migrator(info, folder: migrations, logger: silence).migrate() }
            let database = Database(info, readers: readers, logger: silence)
            let throwaway = ThrowawayDatabase(database: database, name: name, server: server)
            result = .success(try await Database.withDatabase(database) { _ in try await body(throwaway) })
        } catch {
            result = .failure(error)
        }
        try await server.dropDatabase(name)
        return try result.get()
    }

    /// Where databases can be made, from the environment. Missing is a failure, not a reason to skip.
    package static func maintenanceInfo() throws -> ConnectionInfo {
        guard let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"], !url.isEmpty else {
            throw MissingTestDatabase()
        }
        return try ConnectionInfo(url)
    }

    /// Why a test cannot run.
    package struct MissingTestDatabase: Error, CustomStringConvertible {
        package let description =
            "TEST_DATABASE_URL is not set: it names a PostgreSQL database from which tests can make their own (scripts/test sets it)"
    }
}
