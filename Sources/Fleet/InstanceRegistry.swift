internal import Foundation
package import Redis

/// The instances that are alive, kept in Redis: each has a record with a lease that lapses when it stops renewing.
package struct InstanceRegistry: InstanceAnnouncing {
    /// How long a record stays after it was announced.
    package static let lease = Duration.seconds(15)

    private let redis: RedisClient
    private let prefix: String

    /// - Parameter prefix: Begins every key, so that fleets can share a Redis; in braces, so that a cluster keeps the keys
    ///   together and several can be asked for at once.
    package init(redis: RedisClient, prefix: String = "{chat}") {
        self.redis = redis
        self.prefix = prefix
    }

    /// Writes the record and renews its lease.
    ///
    /// - Throws: `RedisError`, or `CancellationError`.
    package func announce(_ record: InstanceRecord) async throws {
        try await announce(record, lease: Self.lease)
    }

    func announce(_ record: InstanceRecord, lease: Duration) async throws {
        let json = String(decoding: try record.json(), as: UTF8.self)
        let milliseconds = Int(lease / .milliseconds(1))
        // In this order: `list` takes whoever is in the index without a record out of it.
        try await redis.command("SET", key: key(record.id), json, "PX", milliseconds)
        try await redis.command("SADD", key: indexKey, record.id)
    }

    /// The instances whose leases hold, sorted as people count.
    ///
    /// - Throws: `RedisError`, or `CancellationError`.
    package func list() async throws -> [InstanceRecord] {
        let ids = try await redis.command("SMEMBERS", key: indexKey).array?.compactMap(\.string) ?? []
        guard !ids.isEmpty else { return [] }
        let values = try await redis.command("MGET", arguments: ids.map(key), atNodeOf: indexKey).array ?? []
        guard values.count == ids.count else { throw RedisError.unexpectedReply(command: "MGET") }
        // The index has no lease of its own. An instance that lives is back in it with its next announcement.
        let lapsed = zip(ids, values).filter { $1 == .null }.map(\.0)
        if !lapsed.isEmpty { try await redis.command("SREM", arguments: [indexKey] + lapsed, atNodeOf: indexKey) }
        return values.compactMap(Self.record).sorted { NaturalOrder.precedes($0.id, $1.id) }
    }

    /// The instance with this id, or nil when there is none or its lease has lapsed.
    ///
    /// - Throws: `RedisError`, or `CancellationError`.
    package func find(_ id: String) async throws -> InstanceRecord? {
        Self.record(try await redis.command("GET", key: key(id)))
    }

    /// Takes the instance out at once, without waiting for its lease.
    ///
    /// - Throws: `RedisError`, or `CancellationError`.
    package func remove(_ id: String) async throws {
        async let deleted = redis.command("DEL", key: key(id))
        async let unlisted = redis.command("SREM", key: indexKey, id)
        _ = try await (deleted, unlisted)
    }

    /// A number that no instance of this fleet has had, for ids such as `i-1`.
    ///
    /// - Throws: `RedisError`, or `CancellationError`.
    package func nextInstanceNumber() async throws -> Int {
        guard let number = try await redis.command("INCR", key: "\(prefix):instance-number").integer else {
            throw RedisError.unexpectedReply(command: "INCR")
        }
        return number
    }

    private var indexKey: String { "\(prefix):instances" }

    private func key(_ id: String) -> String { "\(prefix):instance:\(id)" }

    /// A record that cannot be read (another version wrote it) is left out rather than hiding all others.
    private static func record(_ value: RedisValue) -> InstanceRecord? {
        value.string.flatMap { try? InstanceRecord(json: Data($0.utf8)) }
    }
}
