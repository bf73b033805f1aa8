import Fleet
import Foundation
import Testing

@testable import ChatServer

@Suite("The metrics of an instance")
struct MetricsTests {
    private func metrics(usesRedis: Bool = true) -> Metrics {
        var load = InstanceLoad()
        load.postgresMs = 0.5
        load.queueBytes = 12
        let record = InstanceRecord(
            id: "i-1",
            host: "laptop",
            pid: 1,
            version: "0.1.0",
            startedAt: Date(timeIntervalSince1970: 1_700_000_000),
            port: 3000,
            address: "127.0.0.1:1",
            state: .ready,
            adapter: "say \"redis\"",
            sockets: 7,
            load: load,
            lastSeen: Date()
        )
        return Metrics(
            record: record,
            events: ["room:list": 2, "message:send": 3],
            deliveries: 21,
            webhooks: WebhookCounts.Values(delivered: 4, failed: 2, dead: 1),
            usesRedis: usesRedis,
            droppedPublishes: 0,
            processorSeconds: 1.5
        )
    }

    private func samples(_ metrics: Metrics) -> [String] {
        metrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }

    @Test("each sample is a line of its own, labels are in order and escaped")
    func format() {
        let samples = samples(metrics())
        #expect(samples.first == #"chat_info{instance_id="i-1",version="0.1.0",adapter="say \"redis\""} 1.0"#)
        #expect(samples.contains("chat_sockets 7.0"))
        #expect(samples.contains(#"chat_events_total{event="message:send"} 3.0"#))
        #expect(samples.contains("chat_send_queue_bytes 12.0"))
        #expect(samples.contains("chat_webhook_events_total 4.0"))
    }

    @Test("every metric says what it is and of which kind before its first sample")
    func described() throws {
        var described: Set<String> = []
        for line in metrics().text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE ") {
                described.insert(String(words[2]))
                #expect(["counter", "gauge"].contains(words[3]))
            } else if !line.hasPrefix("#") {
                let name = try #require(line.split(whereSeparator: { $0 == "{" || $0 == " " }).first)
                #expect(described.contains(String(name)))
            }
        }
    }

    @Test("a server that does not answer is down and has no latency, and one that is not used is not listed")
    func dependencies() {
        let withRedis = samples(metrics())
        #expect(withRedis.contains(#"chat_dependency_up{server="postgresql"} 1.0"#))
        #expect(withRedis.contains(#"chat_dependency_latency_seconds{server="postgresql"} 0.0005"#))
        #expect(withRedis.contains(#"chat_dependency_up{server="redis"} 0.0"#))
        #expect(!samples(metrics(usesRedis: false)).contains { $0.contains("redis\"}") })
    }
}
