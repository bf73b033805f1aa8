import Foundation

/// A PostgreSQL server as its owner sees it: databases come and go.
package struct DatabaseServer: Sendable {
    private let info: ConnectionInfo

    /// A server, reached through a database that exists already, such as `postgres`.
    package init(_ info: ConnectionInfo) { self.info = info }

    /// Makes a database where there is none. The name has 1 to 63 of `a-z 0-9 _`.
    ///
    /// Throws `StorageError`.
    package func createDatabase(_ name: String) async throws {
        do {
            try await run("CREATE DATABASE \(try Self.quoted(name))")
        } catch let error as StorageError where error.sqlState == "42P04" || error.sqlState == "23505" {
            // It exists, or someone else makes it in this moment.
        }
    }

    /// Removes a database, and cuts whoever uses it.
    package func dropDatabase(_ name: String) async throws {
        try await run("DROP DATABASE IF EXISTS \(try Self.quoted(name)) WITH (FORCE)")
    }

    /// Ends every connection to a database; tells how many.
    @discardableResult
    package func cutConnections(to name: String) async throws -> Int {
        let info = info
        return try await onThread {
            let connection = try Connection.connect(info, until: .after(Limits.connectTimeout))
            return try connection.run(
                ["SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)"],
                until: .after(Limits.callTimeout)
            )[0].count
        }
    }

    private func run(_ script: String) async throws {
        let info = info
        try await onThread {
            let connection = try Connection.connect(info, until: .after(Limits.connectTimeout))
            try connection.execute(script: script, until: .after(Limits.migrationTimeout))
        }
    }

    /// A name cannot be a parameter, so it is text here, and only harmless text.
    private static func quoted(_ name: String) throws -> String {
        let harmless = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard harmless, (1...63).contains(name.utf8.count) else {
            throw StorageError(.configuration, "a database's name has 1 to 63 characters of a-z, 0-9 and underscore")
        }
        return "\"\(name)\""
    }
}

/// Runs blocking work on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { reply in
        let thread = Thread { reply.resume(with: Result { try body() }) }
        thread.name = "db-once"
        thread.start()
    }
}
