import Foundation
import Redis
import TestSupport
import Testing

@testable import Fleet

@Suite("Instance registry")
struct InstanceRegistryTests {
    static func record(_ id: String, state: InstanceRecord.State = .ready) -> InstanceRecord {
        InstanceRecord(
            id: id,
            host: "machine",
            pid: 42,
            version: "1.0",
            startedAt: Date(timeIntervalSince1970: 1_790_000_000.125),
            port: 3000,
            address: "127.0.0.1:40123",
            state: state,
            adapter: "redis",
            sockets: 3,
            rooms: 2,
            rssBytes: 1_000_000,
            loopLagMs: 0.5,
            lastSeen: Date(timeIntervalSince1970: 1_790_000_100.5)
        )
    }

    @Test("a cluster keeps the registry, whichever node is asked")
    func cluster() async throws {
        try await TestCluster.with { cluster in
            try await TestCluster.withClient(cluster.nodes[1]) { redis in
                let registry = InstanceRegistry(redis: redis)
                for id in ["i-1", "i-2", "i-3"] { try await registry.announce(Self.record(id)) }
                try await registry.remove("i-2")
                for node in cluster.nodes {
                    try await TestCluster.withClient(node) { other in
                        let ids = try await InstanceRegistry(redis: other).list().map(\.id)
                        #expect(ids == ["i-1", "i-3"])
                        let found = try await InstanceRegistry(redis: other).find("i-3")
                        #expect(found == Self.record("i-3"))
                    }
                }
                let numbers = [try await registry.nextInstanceNumber(), try await registry.nextInstanceNumber()]
                #expect(numbers == [1, 2])
            }
        }
    }

    @Test("a record's JSON has snake_case keys and times with milliseconds in UTC")
    func json() throws {
        let data = try Self.record("i-1").json()
        #expect(
            String(decoding: data, as: UTF8.self) == """
                {"adapter":"redis","address":"127.0.0.1:40123","host":"machine","id":"i-1",\
                "last_seen":"2026-09-21T14:15:00.500Z",\
                "load":{"cpu_percent":0,"deliveries_per_s":0,"messages_per_s":0,"queue_bytes":0},"loop_lag_ms":0.5,"pid":42,"port":3000,"rooms":2,\
                "rss_bytes":1000000,"sockets":3,"started_at":"2026-09-21T14:13:20.125Z","state":"ready","version":"1.0"}
                """
        )
        #expect(try InstanceRecord(json: data) == Self.record("i-1"))
    }

    @Test("announced instances are listed as people count, found by id, and gone when removed")
    func announceListRemove() async throws {
        try await TestRedis.withClient { redis in
            let registry = InstanceRegistry(redis: redis, prefix: TestRedis.unique())
            for id in ["i-10", "i-2", "i-1"] { try await registry.announce(Self.record(id)) }
            let value1 = try await registry.list().map(\.id)
            #expect(value1 == ["i-1", "i-2", "i-10"])
            let value2 = try await registry.find("i-2")
            #expect(value2 == Self.record("i-2"))
            let value3 = try await registry.find("i-3")
            #expect(value3 == nil)
            try await registry.remove("i-2")
            let value4 = try await registry.list().map(\.id)
            #expect(value4 == ["i-1", "i-10"])
            for id in ["i-1", "i-10"] { try await registry.remove(id) }
            let value5 = try await registry.list().isEmpty
            #expect(value5)
        }
    }

    @Test("a record holds for fifteen seconds")
    func leaseLength() async throws {
        try await TestRedis.withClient { redis in
            let prefix = TestRedis.unique()
            let registry = InstanceRegistry(redis: redis, prefix: prefix)
            try await registry.announce(Self.record("i-1"))
            let left = try #require(try await redis.command("PTTL", "\(prefix):instance:i-1").integer)
            #expect((10_000...15_000).contains(left))
            try await registry.remove("i-1")
        }
    }

    @Test("an instance whose lease lapsed is gone from the list and from the index")
    func lapsed() async throws {
        try await TestRedis.withClient { redis in
            let prefix = TestRedis.unique()
            let registry = InstanceRegistry(redis: redis, prefix: prefix)
            try await registry.announce(Self.record("i-1"), lease: .milliseconds(20))
            try await registry.announce(Self.record("i-2"))
            try await eventually("the lease lapsed") { try await registry.list().map(\.id) == ["i-2"] }
            let value6 = try await redis.command("SMEMBERS", "\(prefix):instances").array?.compactMap(\.string)
            #expect(value6 == ["i-2"])
            try await registry.remove("i-2")
        }
    }

    @Test("a record of another version does not hide the others")
    func unreadable() async throws {
        try await TestRedis.withClient { redis in
            let prefix = TestRedis.unique()
            let registry = InstanceRegistry(redis: redis, prefix: prefix)
            try await registry.announce(Self.record("i-1"))
            try await redis.command("SET", "\(prefix):instance:i-2", "not JSON", "PX", 60_000)
            try await redis.command("SADD", "\(prefix):instances", "i-2")
            let value7 = try await registry.list().map(\.id)
            #expect(value7 == ["i-1"])
            for id in ["i-1", "i-2"] { try await registry.remove(id) }
        }
    }

    @Test("numbers for instances never repeat")
    func numbers() async throws {
        try await TestRedis.withClient { redis in
            let prefix = TestRedis.unique()
            let registry = InstanceRegistry(redis: redis, prefix: prefix)
            let value8 = try await registry.nextInstanceNumber()
            #expect(value8 == 1)
            let value9 = try await registry.nextInstanceNumber()
            #expect(value9 == 2)
            try await redis.command("DEL", "\(prefix):instance-number")
        }
    }

    @Test("a lease announces at once, keeps the record fresh, and removes it when it is cancelled")
    func lease() async throws {
        try await TestRedis.withClient { redis in
            let registry = InstanceRegistry(redis: redis, prefix: TestRedis.unique())
            let lease = InstanceLease(registry: registry, interval: .milliseconds(10)) { Self.record("i-7") }
            let running = Task { await lease.run() }
            try await eventually("it is listed") { try await registry.list().map(\.id) == ["i-7"] }
            let first = try #require(try await registry.find("i-7")).lastSeen
            try await eventually("it is renewed") { (try await registry.find("i-7")?.lastSeen ?? first) > first }
            running.cancel()
            await running.value
            let value10 = try await registry.list().isEmpty
            #expect(value10)
        }
    }

    @Test(
        "names are sorted as people count",
        arguments: [("i-2", "i-10"), ("i-9", "i-09x"), ("a", "b"), ("i", "i-1"), ("i-1-2", "i-1-10"), ("i-01", "i-1")]
    )
    func naturalOrder(_ pair: (String, String)) {
        #expect(NaturalOrder.precedes(pair.0, pair.1))
        #expect(!NaturalOrder.precedes(pair.1, pair.0))
        #expect(!NaturalOrder.precedes(pair.0, pair.0))
    }
}
