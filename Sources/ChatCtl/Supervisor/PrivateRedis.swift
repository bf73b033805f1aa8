import Foundation

/// A Redis of our own, on a Unix socket only. It keeps nothing: what must last is in PostgreSQL.
struct PrivateRedis: Sendable {
    static let name = "Redis"
    static let readyPatience: Duration = .seconds(20)
    static let stopPatience: Duration = .seconds(10)

    let storage: PrivateStorage
    let log: LogFile

    /// Starts the server and waits until it answers.
    func start() async throws -> ChildProcess {
        guard let program = Programs.find("redis-server") else {
            throw Failure(.unavailable, "Redis is not installed", hint: "apt-get install redis-server")
        }
        // Redis itself removes a socket only when it stops cleanly.
        unlink(storage.redisSocket)
        var server = ProcessSpecification(
            name: Self.name,
            executable: program,
            arguments: [
                "--port", "0", "--unixsocket", storage.redisSocket, "--unixsocketperm", "700", "--save", "",
                "--appendonly", "no", "--daemonize", "no", "--dir", storage.redis, "--maxmemory-policy", "noeviction",
            ],
            // Its log has to be in the time of the others.
            environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"],
            workingDirectory: "/",
            user: storage.user
        )
        server.parentDeathSignal = .terminate
        server.onOutput = { [log] in log.append($0) }
        server.onError = { [log] in log.append($0) }
        let child = try await ProcessSpawner.shared.spawn(server)
        do {
            try await withDeadline(Self.readyPatience, Failure(.unavailable, "Redis did not get ready")) { [self] in
                while await !SocketProbe.redisAnswers(socket: storage.redisSocket) {
                    if let status = child.status {
                        throw Failure(.unavailable, "Redis \(status): \(log.tail.last ?? "")")
                    }
                    try await Task.sleep(for: .milliseconds(25))
                }
            }
            return child
        } catch {
            await stop(child)
            throw error
        }
    }

    func stop(_ child: ChildProcess) async {
        await child.stop(patience: Self.stopPatience)
    }
}
