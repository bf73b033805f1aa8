import ArgumentParser
import Domain
import Fleet
import Foundation
import Synchronization

/// The names that a shell offers while a command is typed.
///
/// `words` are those of the line so far. A shell waits for this with every press of the tab key, so it gives up soon, and
/// silently.
enum NameCompletion {
    private static let patience = Duration.seconds(1)

    static func users(_ words: [String]) -> [String] {
        names(words) { global in
            try await Servers.locate(global).withChat { try await $0.users(by: Servers.actor).map(\.name) }
        }
    }

    static func rooms(_ words: [String]) -> [String] {
        names(words) { global in
            try await Servers.locate(global).withChat { chat in
                try await chat.rooms(by: Servers.actor).compactMap(\.room.name)
            }
        }
    }

    static func webhooks(_ words: [String]) -> [String] {
        names(words) { global in
            try await Servers.locate(global).withChat { try await $0.webhooks(by: Servers.actor).map(\.name) }
        }
    }

    static func instances(_ words: [String]) -> [String] {
        names(words) { global in try await FleetClient.with(global) { $0.records.map(\.id) } }
    }

    /// The shell's hook is synchronous, and the process has nothing else to do: it blocks this thread, not the tasks'.
    private static func names(
        _ words: [String],
        _ body: @escaping @Sendable (GlobalOptions) async throws -> [String]
    ) -> [String] {
        let found = Found()
        let done = DispatchSemaphore(value: 0)
        let options = installation(in: words) + ["--quiet", "--timeout", "500ms"]
        guard let global = try? GlobalOptions.parse(options) else { return [] }
        let task = Task.detached {
            if let names = try? await body(global) { found.set(names) }
            done.signal()
        }
        if done.wait(timeout: .now() + patience / .seconds(1)) == .timedOut { task.cancel() }
        return found.names
    }

    /// The options among the words typed so far that say whose names these are.
    private static func installation(in words: [String]) -> [String] {
        // bash makes three words of `--data=here`.
        let words = words.filter { $0 != "=" }
        return words.indices.flatMap { index -> [String] in
            let word = words[index]
            if ["--data", "--config"].contains(word) { return Array(words[index...].prefix(2)) }
            return word.hasPrefix("--data=") || word.hasPrefix("--config=") ? [word] : []
        }
    }

    private final class Found: Sendable {
        private let storage = Mutex<[String]>([])
        func set(_ names: [String]) { storage.withLock { $0 = names } }
        var names: [String] { storage.withLock { $0 } }
    }
}
