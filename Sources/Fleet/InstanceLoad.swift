/// How busy an instance is. Rates are per second, over the time since the record before.
package struct InstanceLoad: Codable, Sendable, Equatable {
    /// Messages that people sent to this instance.
    package var messagesPerSecond: Double = 0
    /// Packets that went out to sockets for broadcasts, each socket counted.
    package var deliveriesPerSecond: Double = 0
    /// What waits in the sockets' queues.
    package var queueBytes = 0
    /// The processor time of the process; 100 is one whole core.
    package var cpuPercent: Double = 0
    /// The round trip to PostgreSQL; nil when it does not answer.
    package var postgresMs: Double?
    /// The round trip to Redis; nil when it does not answer or none is used.
    package var redisMs: Double?

    package init() {}

    package enum CodingKeys: String, CodingKey, CaseIterable {
        case messagesPerSecond = "messages_per_s"
        case deliveriesPerSecond = "deliveries_per_s"
        case queueBytes = "queue_bytes"
        case cpuPercent = "cpu_percent"
        case postgresMs = "pg_ms"
        case redisMs = "redis_ms"
    }
}
