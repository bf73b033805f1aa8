import Foundation

/// Starts ChatServer processes.
struct InstanceLauncher: Sendable {
    static let readyPatience: Duration = .seconds(30)
    static let stopPatience: Duration = .seconds(15)

    /// The line that a ChatServer prints once it listens.
    struct Listening: Decodable, Sendable, Equatable {
        let event: String
        let id: String
        let port: Int
        let private_port: Int
        let pid: Int32
    }

    struct Started: Sendable {
        let id: String
        let process: ChildProcess
        let privatePort: Int
        let log: LogFile
    }

    /// The ChatServer beside chatctl.
    let executable: String
    /// Everything but the id.
    let environment: [String: String]
    let privateHost: String
    /// The fleet's, for questions at the private port; nil when its file cannot be read.
    var secret: String?
    let data: DataDirectory

    /// Starts an instance and waits until it is ready.
    ///
    /// - Throws: `Failure` with the last words of an instance that ended.
    func start(id: String) async throws -> Started {
        let log = LogFile(path: "\(data.logs)/\(id).log")
        let (lines, feed) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingOldest(64))
        var environment = environment
        environment["INSTANCE_ID"] = id
        var server = ProcessSpecification(name: id, executable: executable, environment: environment)
        server.parentDeathSignal = .terminate
        server.onOutput = { feed.yield($0) }
        server.onError = { log.append($0) }
        server.onClose = { feed.finish() }
        let child = try await ProcessSpawner.shared.spawn(server)
        do {
            let late = Failure(
                .unavailable,
                "\(id) did not get ready in \(TimeText.duration(Self.readyPatience))",
                hint: "its log: \(data.logs)/\(id).log"
            )
            let privatePort = try await withDeadline(Self.readyPatience, late) { [privateHost, data] in
                var port: Int?
                for await line in lines {
                    if let listening = try? JSONDecoder().decode(Listening.self, from: Data(line.utf8)) {
                        port = listening.private_port
                        break
                    }
                }
                try Task.checkCancellation()
                while let port {
                    if await SocketProbe.answersOK(host: privateHost, port: port, path: "/readyz") { return port }
                    if child.status != nil { break }
                    try await Task.sleep(for: .milliseconds(25))
                }
                throw Self.lastWords(of: id, status: await child.exit(), log: log, data: data)
            }
            return Started(id: id, process: child, privatePort: privatePort, log: log)
        } catch {
            await stop(child)
            throw error
        }
    }

    func stop(_ child: ChildProcess) async {
        await child.stop(patience: Self.stopPatience)
    }

    /// An instance says why it cannot run in its last line, and of what kind that is with its exit code.
    private static func lastWords(
        of id: String,
        status: ExitStatus?,
        log: LogFile,
        data: DataDirectory
    ) -> Failure {
        var kind = Failure.Kind.failed
        if case .exited(let code) = status { kind = Failure.Kind(rawValue: code) ?? .failed }
        let words = log.tail.last { !$0.isEmpty } ?? "it said nothing"
        let ending = status.map { "\($0)" } ?? "closed its output"
        return Failure(kind, "\(id) \(ending): \(words)", hint: "its log: \(data.logs)/\(id).log")
    }
}
