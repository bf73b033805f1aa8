import Foundation
import Storage
import Synchronization

/// Runs PostgreSQL's own programs on the chat's database.
///
/// They get the address, password included, in a service file that only this user can read: neither on a command line nor
/// in an environment, where others could see it.
struct PostgresTools: Sendable {
    let databaseURL: String

    /// Runs a program to its end.
    ///
    /// - Parameter onLine: Gets each line of standard output.
    /// - Throws: `Failure` with what the program said when it failed.
    func run(_ name: String, _ arguments: [String], onLine: @escaping @Sendable (String) -> Void = { _ in })
        async throws
    {
        guard let executable = Self.find(name) else {
            throw Failure(
                .unavailable,
                "the program \(name) is not installed",
                hint: "apt-get install postgresql-client"
            )
        }
        let folder = FileManager.default.temporaryDirectory.appending(path: "chatctl-\(UUID().uuidString)")
            .path(percentEncoded: false)
        try Files.makeFolder(folder, mode: 0o700)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Files.write(try serviceFile(), to: "\(folder)/service.conf")
        var environment = ProcessInfo.processInfo.environment
        environment["PGSERVICEFILE"] = "\(folder)/service.conf"
        environment["PGSERVICE"] = "chat"
        let words = Words()
        let (closing, closed) = AsyncStream.makeStream(of: Void.self)
        let child = try await ProcessSpawner.shared.spawn(
            ProcessSpecification(
                name: name,
                executable: executable,
                arguments: arguments,
                environment: environment,
                parentDeathSignal: .terminate,
                onOutput: onLine,
                onError: { words.add($0) },
                onClose: { closed.finish() }
            )
        )
        guard let status = await child.exit() else {
            await child.stop(patience: .seconds(5))
            throw Failure.interrupted
        }
        for await _ in closing {}
        guard status.isSuccess else {
            throw Failure(.failed, "\(name) \(status): \(words.last)")
        }
    }

    /// libpq's connection service file; a value goes to the end of its line, so it cannot hold a newline.
    private func serviceFile() throws -> String {
        let info = try ConnectionInfo(databaseURL)
        let keys = [
            "host", "hostaddr", "port", "dbname", "user", "password", "sslmode", "sslrootcert", "sslcert", "sslkey",
            "passfile",
        ]
        let lines = keys.compactMap { key in info.value(of: key).map { "\(key)=\($0)" } }
        guard !lines.contains(where: { $0.contains("\n") }) else {
            throw Failure(.configuration, "DATABASE_URL contains a newline")
        }
        return "[chat]\n" + lines.joined(separator: "\n") + "\n"
    }

    /// Debian keeps the programs out of PATH, one folder for each version: the newest counts.
    private static func find(_ name: String) -> String? {
        if let path = Programs.find(name) { return path }
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.sorted { $0.compare($1, options: .numeric) == .orderedDescending }
            .map { "\(root)/\($0)/bin/\(name)" }.first { access($0, X_OK) == 0 }
    }

    private final class Words: Sendable {
        /// More than a person reads.
        private static let linesMax = 100
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { if $0.count < Self.linesMax { $0.append(line) } } }
        var last: String { lines.withLock { $0.last { !$0.isEmpty } ?? "it said nothing" } }
    }
}
