import ArgumentParser
import Foundation

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start the chat on this machine and keep it running.",
        discussion: """
            Without DATABASE_URL and REDIS_URL (environment or .env) a private PostgreSQL and a private Redis run in the \
            data directory. All instances share the port. Ctrl-C or `chatctl down` stops everything; a second Ctrl-C \
            stops at once.
            """
    )

    enum Adapter: String, CaseIterable, ExpressibleByArgument {
        case redis, none
    }

    @Option(
        name: [.customShort("n"), .customLong("instances")],
        help: "How many instances to run, 1 to 64. (default: 3)"
    )
    var n: Int?

    @Option(help: "The port for browsers; 0 takes any free one. (default: PORT or 3000)")
    var port: Int?

    @Option(help: "The address to listen on. (default: HOST or 127.0.0.1)")
    var host: String?

    @Option(help: "How instances tell each other: redis, or none. (default: USE_REDIS_ADAPTER, else redis)")
    var adapter: Adapter?

    @Flag(help: "Return when everything is ready, and go on in the background.")
    var detach = false

    @Option(
        help: ArgumentHelp("The same as --config, as other tools call it.", valueName: "file"),
        completion: .file()
    )
    var envFile: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...64).contains(n ?? 1) else { throw ValidationError("-n must be from 1 to 64") }
        if let port, !(0...65535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
    }

    func run() async throws {
        let data = DataDirectory(path: global.data ?? DataDirectory.defaultName)
        try data.prepare()
        if detach { return try await Detaching.startInBackground(data: data) }
        let log = LogFile(path: "\(data.logs)/supervisor.log")
        let console = global.console
        let progress = Progress(console) { log.append("\(TimeText.rfc3339(Date())) \($0)") }
        let signals = StopSignals()
        // A state without a supervisor is that of one that was killed: it is taken up again.
        let left = try data.supervisor() == nil ? SupervisorState.read(data) : nil
        if let left {
            progress.say("The supervisor (process \(left.pid)) was killed; what it ran is stopped and started again.")
        }
        let supervisor = Supervisor(
            plan: try await plan(after: left),
            data: data,
            preparation: FleetPreparation(),
            progress: progress,
            onReady: { ready in
                progress.startIsDone()
                announce(ready, to: console)
                Detaching.letGo()
            }
        )
        try await run(supervisor, until: signals, progress: progress)
    }

    /// Runs until a signal asks to stop; then waits until everything has stopped.
    private func run(_ supervisor: Supervisor, until signals: StopSignals, progress: Progress) async throws {
        let running = Task { try await supervisor.run() }
        let stopping = Task {
            guard let signal = await signals.first() else { return false }
            progress.say("Stopping\(signal == SIGINT ? " (Ctrl-C again stops at once)" : "") …")
            running.cancel()
            return true
        }
        let result = await running.result
        stopping.cancel()
        guard await stopping.value else { return try result.get() }
        // What was cut off by the signal fails in its own way; that is no news.
        guard progress.isReady else { throw Failure.interrupted }
        progress.say("Stopped.")
    }

    /// The ChatServer beside chatctl.
    private static func serverExecutable() throws(Failure) -> String {
        let server = "\((Programs.own as NSString).deletingLastPathComponent)/ChatServer"
        guard access(server, X_OK) == 0 else {
            throw Failure(
                .unavailable,
                "there is no ChatServer beside chatctl (\(server))",
                hint: "build it: swift build"
            )
        }
        return server
    }

    /// Everything private and on any free port, whatever is configured; for the demo.
    static func plan(count: Int, usesRedisAdapter: Bool) throws(Failure) -> SupervisorPlan {
        SupervisorPlan(
            count: count,
            host: "127.0.0.1",
            port: 0,
            usesRedisAdapter: usesRedisAdapter,
            databaseURL: nil,
            redisURL: nil,
            serverExecutable: try serverExecutable(),
            privateHost: "127.0.0.1",
            fleetSecretFile: nil,
            settingsFile: "",
            publicDirectory: Programs.resource("Public")
        )
    }

    private func plan(after left: SupervisorState?) async throws -> SupervisorPlan {
        let settings = try await Settings.load(file: global.config ?? envFile)
        let server = try Self.serverExecutable()
        return SupervisorPlan(
            count: n ?? left?.count ?? 3,
            host: host ?? settings.host,
            port: port ?? left?.port ?? settings.port,
            usesRedisAdapter: adapter.map { $0 == .redis } ?? settings.usesRedisAdapter,
            databaseURL: settings.databaseURL,
            redisURL: settings.redisURL,
            serverExecutable: server,
            privateHost: settings.privateHost,
            fleetSecretFile: settings.fleetSecretFile,
            settingsFile: global.config ?? envFile,
            publicDirectory: settings.publicDirectory ?? Programs.resource("Public")
        )
    }
}

extension UpCommand {
    private struct ReadyRecord: Encodable {
        struct Instance: Encodable {
            let id: String
            let pid: Int32?
            let private_port: Int
        }
        let event = "ready"
        let url: String
        let port: Int
        let adapter: String
        let data: String
        let setup_url: String?
        let instances: [Instance]
    }

    private func announce(_ ready: Supervisor.Ready, to console: Console) {
        if console.isJSON {
            let record = ReadyRecord(
                url: ready.url,
                port: ready.port,
                adapter: ready.adapter,
                data: ready.dataDirectory,
                setup_url: ready.setupURL,
                instances: ready.instances.map { .init(id: $0.id, pid: $0.process?.pid, private_port: $0.privatePort) }
            )
            return console.data(JSONText.encode(record))
        }
        let command = Programs.asTyped
        let instances = ready.instances.count == 1 ? "1 instance" : "\(ready.instances.count) instances"
        console.note("")
        console.data("Listening on \(console.bold(ready.url)) (\(instances), adapter \(ready.adapter))")
        if ready.adapter == "none" {
            console.note("Without an adapter a live message reaches only the windows on the same instance.")
        }
        if let setup = ready.setupURL {
            console.note("")
            console.note("There is no user yet. Make the first admin in the browser, with this one-time link:")
            console.data("  \(console.bold(setup))")
            console.note("or here: \(command) user add NAME --role admin")
        } else {
            console.note("More users: \(command) user add NAME")
        }
        console.note("Stop with\(Detaching.isInBackground ? "" : " Ctrl-C, or"): \(command) down")
    }
}
