import Domain
import Fleet
import Foundation
import Redis
import Storage
import Synchronization

/// The supervisor's view of the database and of the registry.
struct FleetPreparation: FleetPreparing {
    static let defaultRoom = "general"

    func prepareDatabase(url: String) async throws -> PreparedDatabase {
        let applied = try await Migrations.apply(to: url)
        let token = try await Servers.withChat(url) { chat in
            _ = try await chat.ensureDefaultRoom(name: Self.defaultRoom)
            return try await chat.needsSetup() ? chat.issueSetupToken() : nil
        }
        return PreparedDatabase(setupToken: token, summary: applied.isEmpty ? "" : Migrations.summary(applied))
    }

    func withInstanceNumbers(
        redisURL: String,
        body: @escaping @Sendable (_ nextID: @escaping @Sendable () async throws -> String) async throws -> Void
    ) async throws {
        try await Servers.withRedis(redisURL) { redis in
            let registry = InstanceRegistry(redis: redis)
            let highest = Mutex(0)
            try await body {
                do {
                    // A Redis that was started anew counts from one again.
                    while true {
                        let number = try await registry.nextInstanceNumber()
                        let isNew = highest.withLock { highest in
                            guard number > highest else { return false }
                            highest = number
                            return true
                        }
                        if isNew { return "i-\(number)" }
                    }
                } catch is RedisError {
                    // Redis was there when the fleet was started. A crashed instance comes back without it, with an id
                    // that the counter never gives.
                    let letters = "bcdfghjkmnpqrstvwxz"
                    return "i-" + String((0..<6).map { _ in letters.randomElement() ?? "x" })
                }
            }
        }
    }
}
