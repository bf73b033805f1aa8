import Fleet
import Foundation
import Storage

/// The instances' records in PostgreSQL, in the same form as in Redis.
struct HeartbeatRows: InstanceAnnouncing {
    /// Slower than the lease in Redis: it is a write, and only the second source.
    static let interval = Duration.seconds(15)

    let table: InstanceTable

    func announce(_ record: InstanceRecord) async throws {
        let json = String(decoding: try record.json(), as: UTF8.self)
        try await table.beat(record.id, record: json, at: record.lastSeen)
    }

    func remove(_ id: String) async throws { try await table.remove(id) }
}
