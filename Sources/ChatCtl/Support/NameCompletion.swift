import ArgumentParser
import Domain
import Fleet
import Foundation
import Synchronization

/// The names that a shell offers while a command is typed.
///
/// A shell waits for this with every press of the tab key, so it gives up soon, and silently.
enum NameCompletion {
    private static let patience = Duration.seconds(1)

    static func users() -> [String] {
        names { global in
            try await Servers.locate(global).withChat { try await $0.users(by: Servers.actor).map(\.name) }
        }
    }

    static func rooms() -> [String] {
        names { global in
            try await Servers.locate(global).withChat { chat in
                try await chat.rooms(by: Servers.actor).compactMap(\.room.name)
            }
        }
    }

    static func instances() -> [String] {
        names { global in try await FleetClient.with(global) { $0.records.map(\.id) } }
    }

    /// The shell's hook is synchronous, and the process has nothing else to do: it blocks this thread, not the tasks'.
    private static func names(_ body: @escaping @Sendable (GlobalOptions) async throws -> [String]) -> [String] {
        let found = Found()
        let done = DispatchSemaphore(value: 0)
        guard let global = try? GlobalOptions.parse(["--quiet", "--timeout", "500ms"]) else { return [] }
        let task = Task.detached {
            if let names = try? await body(global) { found.set(names) }
            done.signal()
        }
        if done.wait(timeout: .now() + patience / .seconds(1)) == .timedOut { task.cancel() }
        return found.names
    }

    private final class Found: Sendable {
        private let storage = Mutex<[String]>([])
        func set(_ names: [String]) { storage.withLock { $0 = names } }
        var names: [String] { storage.withLock { $0 } }
    }
}
