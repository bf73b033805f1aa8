import ArgumentParser
import Foundation

/// What a connected socket costs while nothing happens.
struct IdleBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Resident memory of an idle WebSocket with a socket in the default namespace."
    )

    @Option(help: "A release build of ConformanceServer.")
    var server = "../.build/release/ConformanceServer"

    @Option(help: "How many connections are opened; twice as many files have to be allowed (ulimit -n).")
    var connections = 10_000

    @Option(help: "The port that the server is to listen on.")
    var port = 33_400

    /// Connections before the first look, so that what is made once for all is not counted.
    private static let warmUp = 200
    private static let addresses = 4

    func run() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: server)
        process.arguments = ["socket", "--host", "0.0.0.0", "--port", "\(port)", "--ping-interval", "600000"]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        try await Task.sleep(for: .seconds(1))

        var clients: [Box] = []
        func connect(_ count: Int) throws {
            for number in 0..<count {
                clients.append(Box(try RawClient(host: 1 + number % Self.addresses, port: port)))
            }
        }
        try connect(Self.warmUp)
        let before = try resident(process.processIdentifier)
        try connect(connections)
        try await Task.sleep(for: .seconds(1))
        let bytes = try resident(process.processIdentifier) - before
        print("idle: \(connections) connections, \(bytes / connections) bytes of resident memory each")
    }

    private func resident(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: { !$0.isNumber }).last.flatMap { Int($0) } ?? 0) * 1_024
    }

    /// Keeps a client in an array.
    private final class Box {
        let client: RawClient
        init(_ client: consuming RawClient) { self.client = client }
    }
}
