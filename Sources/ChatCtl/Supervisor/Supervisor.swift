import Foundation

/// Runs the whole chat on this machine: PostgreSQL and Redis where none are configured, the database's schema, and the
/// instances. Each scope starts something, runs the next scope while keeping it alive, and stops it at the end; so
/// everything stops in the reverse order of its start, however the inner scope ended.
struct Supervisor: Sendable {
    /// What the start ended with.
    struct Ready: Sendable {
        let url: String
        let port: Int
        let adapter: String
        let dataDirectory: String
        /// A one-time link for the first admin, while there is no user.
        let setupURL: String?
        let instances: [SupervisorState.Instance]
    }

    let plan: SupervisorPlan
    let data: DataDirectory
    let preparation: any FleetPreparing
    let progress: Progress
    let onReady: @Sendable (Ready) async -> Void

    /// Runs until its task is cancelled, and has stopped everything when it returns or throws.
    func run() async throws {
        guard let lock = try FileLock(path: data.lock) else {
            let holder = try data.supervisor().map { " (process \($0))" } ?? ""
            throw Failure(
                .unavailable,
                "the chat in \(data.path) is already up\(holder)",
                hint: "stop it with: \(Programs.asTyped) down, or use another folder: --data DIR"
            )
        }
        defer { withExtendedLifetime(lock) {} }
        if let previous = SupervisorState.read(data) { await previous.endLeftovers() }
        let reservation = try PortReservation(host: plan.host, port: plan.port)
        defer { withExtendedLifetime(reservation) {} }
        let state = try StateFile(
            data,
            initial: SupervisorState(
                pid: getpid(),
                phase: .starting,
                adapter: plan.adapterName,
                count: plan.count,
                port: reservation.port
            )
        )
        defer { state.remove() }

        try await withServers(state) { database, redis in
            let setupToken = try await prepareDatabase(database)
            try await preparation.withInstanceNumbers(redisURL: redis) { nextID in
                let secretFile = try plan.fleetSecretFile ?? data.fleetSecretFile()
                let launcher = InstanceLauncher(
                    executable: plan.serverExecutable,
                    environment: try environment(port: reservation.port, state: state.current),
                    privateHost: plan.privateHost,
                    secret: Files.read(secretFile)?.trimmingCharacters(in: .whitespacesAndNewlines),
                    data: data
                )
                let group = InstanceGroup(launcher: launcher, nextID: nextID, state: state, progress: progress)
                try await answering(group, count: plan.count) {
                    let url = plan.url(port: reservation.port)
                    state.update {
                        $0.phase = .ready
                        $0.url = url
                    }
                    await onReady(
                        Ready(
                            url: url,
                            port: reservation.port,
                            adapter: plan.adapterName,
                            dataDirectory: data.path,
                            setupURL: setupToken.map { "\(url)/#setup=\($0)" },
                            instances: state.current.instances
                        )
                    )
                }
            }
        }
    }

    /// Runs the group, and answers at the supervisor's socket once its instances are ready.
    private func answering(
        _ group: InstanceGroup,
        count: Int,
        onReady: @escaping @Sendable () async -> Void
    ) async throws {
        let door = SupervisorDoor(path: data.door)
        let progress = progress
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (opening, open) = AsyncStream.makeStream(of: Void.self)
            tasks.addTask {
                try await group.run(count: count) {
                    open.finish()
                    await onReady()
                }
            }
            tasks.addTask {
                for await _ in opening {}
                guard !Task.isCancelled else { return }
                do {
                    try await door.serve { request, tell in try await group.carryOut(request, tell: tell) }
                } catch is CancellationError {
                } catch {
                    // The chat runs without it; only `scale` and `restart` do not.
                    progress.say("warning: \(Failure(describing: error).message)")
                }
            }
            // The group's end is the end; the door goes on for ever.
            defer { tasks.cancelAll() }
            while let result = await tasks.nextResult() {
                try result.get()
                if await group.hasEnded { return }
            }
        }
    }

    /// Runs `body` with the addresses of PostgreSQL and Redis, private or not.
    private func withServers(
        _ state: StateFile,
        body: @escaping @Sendable (_ database: String, _ redis: String) async throws -> Void
    ) async throws {
        guard plan.databaseURL == nil || plan.redisURL == nil else {
            return try await body(plan.databaseURL ?? "", plan.redisURL ?? "")
        }
        let storage = try await PrivateStorage.open(data)
        try await withPostgres(storage, state) { database in
            try await withRedis(storage, state) { redis in try await body(database, redis) }
        }
    }

    private func withPostgres(
        _ storage: PrivateStorage,
        _ state: StateFile,
        body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        if let url = plan.databaseURL { return try await body(url) }
        let postgres = PrivatePostgres(storage: storage, log: LogFile(path: "\(data.logs)/postgres.log"))
        let first = try await progress.step(PrivatePostgres.name) {
            let isNew = !postgres.exists
            try await postgres.create()
            let child = try await postgres.start()
            do { try await postgres.createDatabase() } catch {
                await postgres.stop(child)
                throw error
            }
            return (child, isNew ? "new cluster in \(storage.postgres)" : "")
        }
        state.update { $0.databaseURL = storage.databaseURL }
        let keeper = Keeper(
            name: PrivatePostgres.name,
            start: { try await postgres.start() },
            stop: { await postgres.stop($0) },
            clock: ContinuousClock(),
            report: { [progress] in progress.report($0, name: PrivatePostgres.name) }
        )
        try await keeper.keeping(first) { try await body(storage.databaseURL) }
    }

    private func withRedis(
        _ storage: PrivateStorage,
        _ state: StateFile,
        body: @escaping @Sendable (String) async throws -> Void
    ) async throws {
        if let url = plan.redisURL { return try await body(url) }
        let redis = PrivateRedis(storage: storage, log: LogFile(path: "\(data.logs)/redis.log"))
        let start: @Sendable () async throws -> ChildProcess = {
            let child = try await redis.start()
            state.update { $0.redis = ProcessIdentity(pid: child.pid) }
            return child
        }
        let first = try await progress.step(PrivateRedis.name) { (try await start(), "") }
        state.update { $0.redisURL = storage.redisURL }
        let keeper = Keeper(
            name: PrivateRedis.name,
            start: start,
            stop: { await redis.stop($0) },
            clock: ContinuousClock(),
            report: { [progress] in progress.report($0, name: PrivateRedis.name) }
        )
        try await keeper.keeping(first) { try await body(storage.redisURL) }
    }

    /// Brings the schema up to date and makes the room `general`. Gives back a token for the first admin's link.
    private func prepareDatabase(_ url: String) async throws -> String? {
        try await progress.step("Database") {
            let prepared = try await preparation.prepareDatabase(url: url)
            return (prepared.setupToken, prepared.summary)
        }
    }

    /// The environment of the instances: the caller's, and what the supervisor decided. They read `.env` themselves, so
    /// that an address with a password is not copied into their environment.
    private func environment(port: Int, state: SupervisorState) throws -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["HOST"] = plan.host
        environment["PORT"] = String(port)
        environment["PRIVATE_HOST"] = plan.privateHost
        environment["PRIVATE_PORT"] = "0"
        // The supervisor drains an instance before it stops it alone; when all stop there is nowhere to go.
        environment["DRAIN_SPREAD_MS"] = "0"
        environment["USE_REDIS_ADAPTER"] = String(plan.usesRedisAdapter)
        environment["FLEET_SECRET_FILE"] = try plan.fleetSecretFile ?? data.fleetSecretFile()
        if let url = state.databaseURL { environment["DATABASE_URL"] = url }
        if let url = state.redisURL { environment["REDIS_URL"] = url }
        if let file = plan.settingsFile {
            environment["CHAT_CONFIG_FILE"] = file.isEmpty ? "" : URL(filePath: file).path(percentEncoded: false)
        }
        if let folder = plan.publicDirectory { environment["PUBLIC_DIR"] = folder }
        if let folder = Programs.resource("migrations") { environment["MIGRATIONS_DIR"] = folder }
        return environment
    }
}

extension Progress {
    /// Tells of what a keeper did.
    func report<Time>(_ event: Keeper<Time>.Event, name: String) {
        switch event {
        case .ended(_, let reason, let delay):
            say("\(name): \(reason); starting it again in \(TimeText.step(delay))")
        case .restarted:
            say("\(name) is ready again")
        case .gaveUp(let failures, let reason):
            say("\(name): \(reason); it failed \(failures) times in a row, giving up")
        }
    }
}
