import Foundation
import Synchronization

/// The supervisor's view of the database and of the registry.
struct FleetPreparation: FleetPreparing {
    func prepareDatabase(url: String) async throws -> PreparedDatabase {
        PreparedDatabase(setupToken: nil, summary: "")
    }

    func withInstanceNumbers(
        redisURL: String,
        body: @escaping @Sendable (_ nextID: @escaping @Sendable () async throws -> String) async throws -> Void
    ) async throws {
        let counter = Counter()
        try await body { "i-\(counter.next())" }
    }

    private final class Counter: Sendable {
        let value = Mutex(0)
        func next() -> Int {
            value.withLock {
                $0 += 1; return $0
            }
        }
    }
}
