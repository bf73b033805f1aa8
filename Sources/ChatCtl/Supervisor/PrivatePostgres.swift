import Foundation

/// A PostgreSQL cluster of our own: durable, on a Unix socket only, in a folder that nobody else can enter.
struct PrivatePostgres: Sendable {
    static let name = "PostgreSQL"
    /// Crash recovery after a power failure takes its time.
    static let readyPatience: Duration = .seconds(180)
    static let stopPatience: Duration = .seconds(60)

    let storage: PrivateStorage
    let log: LogFile

    private var cluster: String { storage.postgres }

    /// Whether there is a cluster already.
    var exists: Bool { access("\(cluster)/PG_VERSION", F_OK) == 0 }

    /// Makes the cluster if there is none. An interrupted attempt leaves nothing behind that counts.
    func create() async throws {
        guard !exists else { return }
        let draft = "\(storage.folder)/postgres.new"
        try? FileManager.default.removeItem(atPath: draft)
        try Files.makeFolder(draft, mode: 0o700)
        try Files.give(draft, to: storage.user)
        let result = try await ProcessSpawner.shared.run(
            specification(
                program: "initdb",
                arguments: [
                    "-D", draft, "-U", "chat", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8",
                    "--data-checksums",
                ]
            )
        )
        guard result.status.isSuccess else {
            for line in result.lines { log.append(line) }
            throw Failure(.unavailable, "initdb failed: \(result.lines.last ?? "it \(result.status)")")
        }
        guard rename(draft, cluster) == 0 else { throw Files.cannot("make", cluster) }
    }

    /// Stops a server that an earlier supervisor left running, and removes a lock file that nobody stands behind.
    func clearLeftovers() async {
        let file = "\(cluster)/postmaster.pid"
        guard let text = Files.read(file), let first = text.split(separator: "\n").first, let pid = pid_t(first) else {
            return
        }
        // A postmaster works in its data directory. The same id can belong to anything else after a restart.
        if readLink("/proc/\(pid)/cwd") == cluster, let process = ProcessIdentity(pid: pid) {
            await process.end(with: SIGINT, patience: Self.stopPatience, lastSignal: SIGQUIT)
        } else {
            unlink(file)
        }
    }

    /// Starts the server and waits until it accepts connections.
    func start() async throws -> ChildProcess {
        for attempt in 1... {
            await clearLeftovers()
            let child = try await launch()
            do {
                try await waitUntilReady(child)
                return child
            } catch {
                await stop(child)
                // After kill -9 of the postmaster its backends need a moment to notice and to let go of the memory.
                let isLeftover = log.tail.contains { $0.contains("pre-existing shared memory block") }
                guard isLeftover, attempt < 20, !Task.isCancelled else { throw error }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        throw CancellationError()
    }

    /// A fast shutdown: transactions are rolled back, clients are cut off, nothing committed is lost.
    func stop(_ child: ChildProcess) async {
        await child.stop(with: SIGINT, patience: Self.stopPatience)
    }

    /// Makes the database `chat` if there is none.
    func createDatabase() async throws {
        let result = try await ProcessSpawner.shared.run(
            specification(
                program: "createdb",
                arguments: ["-h", storage.sockets, "-U", "chat", "--maintenance-db=postgres", "chat"]
            )
        )
        guard result.status.isSuccess || result.lines.contains(where: { $0.contains("already exists") }) else {
            throw Failure(.unavailable, "cannot make the database: \(result.lines.last ?? "")")
        }
    }

    private func launch() async throws -> ChildProcess {
        let settings = [
            "listen_addresses=", "unix_socket_directories=\(storage.sockets)", "unix_socket_permissions=0700",
            "fsync=on", "synchronous_commit=on", "full_page_writes=on", "max_connections=200", "logging_collector=off",
            "log_destination=stderr", "cluster_name=chat",
        ]
        var server = try specification(
            program: "postgres",
            arguments: ["-D", cluster] + settings.flatMap { ["-c", $0] }
        )
        server.parentDeathSignal = .interrupt
        server.onOutput = { [log] in log.append($0) }
        server.onError = { [log] in log.append($0) }
        return try await ProcessSpawner.shared.spawn(server)
    }

    /// Does what pg_ctl does: line 8 of postmaster.pid tells the state.
    private func waitUntilReady(_ child: ChildProcess) async throws {
        let file = "\(cluster)/postmaster.pid"
        try await withDeadline(Self.readyPatience, Failure(.unavailable, "PostgreSQL did not get ready")) { [log] in
            while true {
                if let status = child.status {
                    throw Failure(
                        .unavailable,
                        "PostgreSQL \(status): \(log.tail.last { $0.contains("FATAL") } ?? log.tail.last ?? "")"
                    )
                }
                let lines = Files.read(file)?.split(separator: "\n", omittingEmptySubsequences: false) ?? []
                if lines.count > 7, lines[0] == "\(child.pid)", lines[7].hasPrefix("ready") { return }
                try await Task.sleep(for: .milliseconds(25))
            }
        }
    }

    private func specification(program: String, arguments: [String]) throws(Failure) -> ProcessSpecification {
        let version = Files.read("\(cluster)/PG_VERSION")?.trimmingCharacters(in: .whitespacesAndNewlines)
        var environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C"]
        environment["TZ"] = ProcessInfo.processInfo.environment["TZ"]
        return ProcessSpecification(
            name: program == "postgres" ? Self.name : program,
            executable: "\(try Self.programs(version: version))/\(program)",
            arguments: arguments,
            environment: environment,
            // The working directory may be closed to the user that this runs as.
            workingDirectory: "/",
            user: storage.user
        )
    }

    /// The folder with PostgreSQL's programs. Debian keeps one for each major version, and a cluster needs its own.
    static func programs(version: String?, root: String = "/usr/lib/postgresql") throws(Failure) -> String {
        let installed = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .filter { access("\(root)/\($0)/bin/postgres", X_OK) == 0 }
        if let version {
            if installed.contains(version) { return "\(root)/\(version)/bin" }
        } else if let newest = installed.max(by: { (Int($0) ?? 0) < (Int($1) ?? 0) }) {
            return "\(root)/\(newest)/bin"
        }
        if let initdb = Programs.find("initdb") {
            let program = URL(filePath: initdb).resolvingSymlinksInPath().path(percentEncoded: false)
            return (program as NSString).deletingLastPathComponent
        }
        if let version, !installed.isEmpty {
            throw Failure(
                .unavailable,
                "the data was made by PostgreSQL \(version), which is not installed",
                hint: "apt-get install postgresql-\(version)"
            )
        }
        throw Failure(.unavailable, "PostgreSQL is not installed", hint: "apt-get install postgresql")
    }

    private func readLink(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }
}
