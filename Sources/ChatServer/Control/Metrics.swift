import Fleet
import Foundation

/// What an instance counts, in Prometheus' text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/).
struct Metrics: Sendable {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// The registry's record of the instance.
    var record: InstanceRecord
    /// Events with a good answer since the start, by name.
    var events: [String: Int]
    /// Packets that went out to sockets for broadcasts since the start, each socket counted.
    var deliveries: Int
    /// What this instance told webhooks.
    var webhooks: WebhookCounts.Values
    /// Whether the instance was given a Redis.
    var usesRedis: Bool
    /// Publishes to Redis since the start that found the queue full.
    var droppedPublishes: Int
    /// Processor time since the start, in seconds.
    var processorSeconds: Double

    var text: String {
        var text = ""
        text.add("chat_info", "gauge", "What runs here.", [(labels: infoLabels, value: 1)])
        text.add("chat_ready", "gauge", "1 while the instance takes new connections.", record.state == .ready ? 1 : 0)
        text.add("chat_sockets", "gauge", "Connected sockets.", Double(record.sockets))
        text.add("chat_rooms", "gauge", "Rooms that a socket of this instance hears.", Double(record.rooms))
        text.add(
            "chat_events_total",
            "counter",
            "Events of clients with a good answer.",
            events.sorted { $0.key < $1.key }.map { (labels: [("event", $0.key)], value: Double($0.value)) }
        )
        text.add("chat_deliveries_total", "counter", "Packets of broadcasts, each socket counted.", Double(deliveries))
        text.add(
            "chat_webhook_events_total",
            "counter",
            "Changes that receivers of webhooks took.",
            Double(webhooks.delivered)
        )
        text.add("chat_webhook_failures_total", "counter", "Requests of webhooks that failed.", Double(webhooks.failed))
        text.add("chat_webhook_deaths_total", "counter", "Webhooks that were given up.", Double(webhooks.dead))
        text.add("chat_send_queue_bytes", "gauge", "What waits to be sent to sockets.", Double(record.load.queueBytes))
        text.add("chat_event_loop_lag_seconds", "gauge", "The wait of the slowest event loop.", record.loopLagMs / 1000)
        text.add(
            "chat_dependency_up",
            "gauge",
            "1 while the server answers.",
            dependencies.map { (labels: $0.labels, value: $0.milliseconds == nil ? 0 : 1) }
        )
        text.add(
            "chat_dependency_latency_seconds",
            "gauge",
            "The last round trip.",
            dependencies.compactMap { each in each.milliseconds.map { (labels: each.labels, value: $0 / 1000) } }
        )
        text.add(
            "chat_redis_dropped_publishes_total",
            "counter",
            "Publishes that found the queue full.",
            Double(droppedPublishes)
        )
        text.add("process_cpu_seconds_total", "counter", "Processor time, user and system.", processorSeconds)
        text.add("process_resident_memory_bytes", "gauge", "Resident memory.", Double(record.rssBytes))
        text.add(
            "process_start_time_seconds",
            "gauge",
            "When the process started, in Unix time.",
            record.startedAt.timeIntervalSince1970
        )
        return text
    }

    private var infoLabels: [(String, String)] {
        [("instance_id", record.id), ("version", record.version), ("adapter", record.adapter)]
    }

    private var dependencies: [(labels: [(String, String)], milliseconds: Double?)] {
        let postgres = (labels: [("server", "postgresql")], milliseconds: record.load.postgresMs)
        guard usesRedis else { return [postgres] }
        return [postgres, (labels: [("server", "redis")], milliseconds: record.load.redisMs)]
    }
}

extension String {
    fileprivate mutating func add(_ name: String, _ kind: String, _ help: String, _ value: Double) {
        add(name, kind, help, [(labels: [], value: value)])
    }

    fileprivate mutating func add(
        _ name: String,
        _ kind: String,
        _ help: String,
        _ samples: [(labels: [(String, String)], value: Double)]
    ) {
        guard !samples.isEmpty else { return }
        self += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
        for sample in samples {
            let labels = sample.labels.map { "\($0)=\"\($1.escapedForLabel)\"" }.joined(separator: ",")
            self += "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(sample.value)\n"
        }
    }

    private var escapedForLabel: String {
        replacingOccurrences(of: "\\", with: "\\\\")
            .replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "\n", with: "\\n")
    }
}
