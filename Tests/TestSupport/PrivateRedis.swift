internal import Foundation
package import Redis

/// A Redis of one test's own, on a Unix socket in a temporary folder, for tests that stop, stall or kill it.
package final class PrivateRedis: @unchecked Sendable {
    // Unchecked: a test drives it from one task at a time.
    package let configuration: RedisConfiguration
    private let folder: URL
    private let arguments: [String]
    private var process: Process?

    /// Runs `body` with a Redis that is gone afterwards.
    package static func with<Value: Sendable>(
        options: [String] = [],
        password: String? = nil,
        _ body: @Sendable (PrivateRedis) async throws -> Value
    ) async throws -> Value {
        let redis = try PrivateRedis(options: options, password: password)
        do {
            try await redis.start()
            let value = try await body(redis)
            redis.kill()
            try FileManager.default.removeItem(at: redis.folder)
            return value
        } catch {
            redis.kill()
            try? FileManager.default.removeItem(at: redis.folder)
            throw error
        }
    }

    private init(options: [String], password: String?) throws {
        // Short: the path of a Unix socket has 107 bytes at most.
        folder = FileManager.default.temporaryDirectory.appending(path: "r-\(UUID().uuidString.prefix(13))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let socket = folder.appending(path: "redis.sock").path
        configuration = RedisConfiguration(address: .unix(path: socket), password: password)
        arguments =
            [
                "--port", "0", "--unixsocket", socket, "--dir", folder.path, "--save", "",
                "--enable-debug-command", "yes",
            ] + (password.map { ["--requirepass", $0] } ?? []) + options
    }

    /// Starts the server, also again after `kill()`, and waits until its socket is there.
    package func start() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["redis-server"] + arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        let socket = folder.appending(path: "redis.sock").path
        try await eventually("redis-server listens") { FileManager.default.fileExists(atPath: socket) }
    }

    /// Ends the server as a crash would.
    package func kill() {
        guard let process else { return }
        // Not waited for: that would block a thread of the pool on which the other tests run, and nothing survives SIGKILL.
        Foundation.kill(process.processIdentifier, SIGKILL)
        try? FileManager.default.removeItem(at: folder.appending(path: "redis.sock"))
        self.process = nil
    }

    /// Stops the server's process without ending it, as a machine that hangs would.
    package func pause() {
        if let process { Foundation.kill(process.processIdentifier, SIGSTOP) }
    }

    /// Lets a paused server go on.
    package func resume() {
        if let process { Foundation.kill(process.processIdentifier, SIGCONT) }
    }
}
