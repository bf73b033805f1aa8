import Domain
import Fleet
import Foundation
import Redis
import Storage

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
            try await body {
                do {
                    return "i-\(try await registry.nextInstanceNumber())"
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
