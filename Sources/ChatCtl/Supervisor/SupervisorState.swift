import Foundation
import Synchronization

/// What the supervisor runs, for other commands and for the next supervisor after a kill -9. Kept in `state.json`.
struct SupervisorState: Codable, Sendable, Equatable {
    enum Phase: String, Codable, Sendable { case starting, ready, stopping }

    struct Instance: Codable, Sendable, Equatable {
        var id: String
        var process: ProcessIdentity?
        var privatePort: Int
    }

    var pid: pid_t
    var phase: Phase
    var url: String?
    var adapter: String
    /// Only of the private servers: an address of the person's own may contain a password.
    var databaseURL: String?
    var redisURL: String?
    var redis: ProcessIdentity?
    var instances: [Instance] = []
    /// How many instances are wanted, for the next start after a kill -9.
    var count: Int?
    var port: Int?

    /// How many instances run, or will in a moment.
    var instancesPresent: Int { phase == .starting ? max(count ?? 0, instances.count) : instances.count }

    /// Nil when there is none, or none that can be read.
    static func read(_ data: DataDirectory) -> SupervisorState? {
        guard let text = Files.read(data.state) else { return nil }
        return try? JSONDecoder().decode(SupervisorState.self, from: Data(text.utf8))
    }

    /// Ends what a supervisor that was killed has left running. PostgreSQL sees to itself (`clearLeftovers`).
    func endLeftovers() async {
        await withTaskGroup(of: Void.self) { group in
            for process in instances.compactMap(\.process) {
                group.addTask { await process.end(with: SIGTERM, patience: InstanceLauncher.stopPatience) }
            }
        }
        await redis?.end(with: SIGTERM, patience: PrivateRedis.stopPatience)
    }
}

/// The state and its file, written at every change.
final class StateFile: Sendable {
    private let path: String
    private let state: Mutex<SupervisorState>

    init(_ data: DataDirectory, initial: SupervisorState) throws(Failure) {
        path = data.state
        state = Mutex(initial)
        try Files.write(JSONText.encode(initial) + "\n", to: path)
    }

    var current: SupervisorState { state.withLock { $0 } }

    func update(_ change: (inout SupervisorState) -> Void) {
        state.withLock { state in
            change(&state)
            // A full disk must not stop the chat.
            try? Files.write(JSONText.encode(state) + "\n", to: path)
        }
    }

    func remove() { unlink(path) }
}
