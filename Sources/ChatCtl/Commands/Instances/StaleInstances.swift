import Fleet
import Foundation
import Storage

/// Instances that are in the lists and not there any more.
enum StaleInstances {
    /// Takes instances out of the registry and the table of heartbeats, and whatever has no heart there any more.
    ///
    /// - Returns: All that went, in their order.
    static func remove(_ silent: [String], on servers: Servers) async throws -> [String] {
        if !silent.isEmpty, servers.redisURL != nil {
            try? await servers.withRedis { redis in
                for id in silent { try await InstanceRegistry(redis: redis).remove(id) }
            }
        }
        let old = try await servers.withDatabase { database in
            for id in silent { try await database.instances.remove(id) }
            let oldest = Date().addingTimeInterval(-FleetClient.heartbeatPatience)
            return try await database.instances.removeSeen(before: oldest)
        }
        return Set(silent).union(old).sorted(by: NaturalOrder.precedes)
    }
}
