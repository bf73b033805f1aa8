import Foundation
import Redis
import TestSupport
import Testing

@testable import Fleet

@Suite("Control channel")
struct ControlChannelTests {
    @Test("an instance answers what it is asked, and another one is not asked")
    func answers() async throws {
        try await TestRedis.withClient { redis in
            let channel = ControlChannel(redis: redis, prefix: TestRedis.unique())
            let serving = Task {
                await channel.serve("i-1") { action in ControlAnswer(instance: "i-1", count: action == .resume ? 7 : 0)
                }
            }
            defer { serving.cancel() }
            try await eventually("the instance listens") {
                try await !channel.ask(.ping, of: ["i-1"], deadline: .milliseconds(100)).isEmpty
            }
            let answers = try await channel.ask(.resume, of: ["i-1"])
            #expect(answers == ["i-1": ControlAnswer(instance: "i-1", count: 7)])
        }
    }

    @Test("a silent instance is missing from the answers and is not waited for beyond the deadline")
    func silence() async throws {
        try await TestRedis.withClient { redis in
            let channel = ControlChannel(redis: redis, prefix: TestRedis.unique())
            let serving = Task { await channel.serve("i-1") { _ in ControlAnswer(instance: "i-1") } }
            defer { serving.cancel() }
            try await eventually("the living one is heard") {
                try await channel.ask(.ping, of: ["i-1", "i-2"], deadline: .milliseconds(200)).keys.sorted() == ["i-1"]
            }
        }
    }

    @Test("a question that this version cannot read does not end the channel")
    func unreadable() async throws {
        try await TestRedis.withClient { redis in
            let prefix = TestRedis.unique()
            let channel = ControlChannel(redis: redis, prefix: prefix)
            let serving = Task { await channel.serve("i-1") { _ in ControlAnswer(instance: "i-1") } }
            defer { serving.cancel() }
            try await eventually("it listens") {
                try await redis.command("PUBLISH", "\(prefix):control:i-1", "{\"action\":\"dance\"}").integer == 1
            }
            let answers = try await channel.ask(.ping, of: ["i-1"])
            #expect(answers.keys.sorted() == ["i-1"])
        }
    }

    @Test(
        "actions survive the wire",
        arguments: [
            ControlAction.ping, .vitals, .drain(spreadMilliseconds: 250), .resume, .logLevel("debug"),
            .sockets(ControlSocketFilter(user: "u")), .disconnect(ControlSocketFilter(socket: "s")),
        ]
    )
    func coding(_ action: ControlAction) throws {
        #expect(try ControlCoding.decode(ControlAction.self, from: ControlCoding.encode(action)) == action)
    }

    @Test("a record of a version that tells nothing of its load is read")
    func olderRecord() throws {
        let json = """
            {"id":"i-1","host":"h","pid":1,"version":"0.0.9","started_at":"2026-03-01T09:30:00.000Z","port":3000,
             "address":"127.0.0.1:1","state":"ready","adapter":"redis","sockets":3,"rooms":2,"rss_bytes":1,
             "loop_lag_ms":0.5,"last_seen":"2026-03-01T09:30:05.000Z"}
            """
        let record = try InstanceRecord(json: Data(json.utf8))
        #expect(record.sockets == 3)
        #expect(record.load == InstanceLoad())
    }
}
