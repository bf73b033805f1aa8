import NIOCore
import TestSupport
import Testing

@testable import Redis

@Suite("Redis cluster")
struct RedisClusterTests {
    @Test(
        "a name's slot is that of the specification",
        // The first is the check value of CRC-16/XMODEM; the last two have nothing between their first braces.
        arguments: [("123456789", 0x31c3), ("foo{123456789}bar", 0x31c3), ("{}", 15_257), ("foo{}{bar}", 8_363)]
    )
    func slot(_ name: String, _ slot: Int) {
        #expect(HashSlot.of(name) == slot)
    }

    @Test("redirections are read, anything else is not one")
    func redirection() {
        let moved = ClusterRedirection("MOVED 3999 ::1:6381")
        #expect(moved?.slot == 3_999)
        #expect(moved?.node == .init(host: "::1", port: 6_381))
        #expect(moved?.isOnce == false)
        #expect(ClusterRedirection("ASK 3999 ::1:6381")?.isOnce == true)
        for text in ["", "ERR x", "MOVED", "MOVED x ::1:1", "MOVED 16384 h:1", "MOVED 1 h:", "MOVED 1 h:65536"] {
            #expect(ClusterRedirection(text) == nil, "\(text)")
        }
    }

    @Test("sharded channels are heard and published at the nodes that serve them, and after a slot has moved")
    func sharded() async throws {
        try await TestCluster.with { cluster in
            try await TestCluster.withClient(cluster.nodes[0]) { redis in
                let log = Log()
                let channels = (0..<30).map { "channel \($0)" }
                let subscriptions = channels.map { name in redis.subscribe(.shardChannel, name) { log.add("", $0) } }
                for subscription in subscriptions { try await subscription.waitUntilActive() }
                for name in channels { redis.publish(ByteBuffer(string: "x"), to: name, sharded: true) }
                try await eventually("all came") { channels.allSatisfy { log.lines.contains(" \($0) x") } }
                #expect(redis.refusedPublishes == 0)
                for name in channels {
                    let count = try await redis.command(
                        "PUBSUB",
                        arguments: ["SHARDNUMSUB", name],
                        atNodeOf: name
                    )
                    #expect(count.array?.last?.integer == 1)
                }

                // The slot of the first channel goes to another node, which cuts the subscription off.
                let slot = HashSlot.of(channels[0])
                let destination = (cluster.owner(of: slot) + 1) % cluster.nodes.count
                try await cluster.move(slot, to: destination)
                try await eventually("the subscription has followed") {
                    try await cluster.clients[destination].command("PUBSUB", "SHARDNUMSUB", channels[0])
                        .array?.last?.integer == 1
                }
                try await eventually("the publishes follow too") {
                    redis.publish(ByteBuffer(string: "moved"), to: channels[0], sharded: true)
                    return log.lines.contains(" \(channels[0]) moved")
                }
                #expect(log.lines.contains(" active after a gap"), "the loss was told")
                subscriptions[0].cancel()
                try await eventually("the cancelled one is gone") {
                    try await cluster.clients[destination].command("PUBSUB", "SHARDNUMSUB", channels[0])
                        .array?.last?.integer == 0
                }
            }
        }
    }

    @Test("commands find the nodes that serve their keys, known or not, also while a slot is on its way and afterwards")
    func commands() async throws {
        try await TestCluster.with { cluster in
            try await TestCluster.withClient(cluster.nodes[0]) { redis in
                for number in 0..<30 {
                    let key = "key \(number)"
                    // The one is redirected, the other goes to the right node at once.
                    try await redis.command("SET", key, number)
                    let value = try await redis.command("GET", key: key).string
                    #expect(value == String(number), "whichever node has it")
                }

                let key = try await cluster.name(at: 1)
                let slot = HashSlot.of(key)
                try await cluster.beginMoving(slot, from: 1, to: 2)
                try await redis.command("SET", key: key, "made at the new node")
                let value = try await redis.command("GET", key: key).string
                #expect(value == "made at the new node")
                let kept = try await cluster.clients[1].command("CLUSTER", "COUNTKEYSINSLOT", slot).integer
                let made = try await cluster.clients[2].command("CLUSTER", "COUNTKEYSINSLOT", slot).integer
                #expect(kept == 0)
                #expect(made == 1)
                try await cluster.move(slot, to: 2)
                let after = try await redis.command("GET", key: key).string
                #expect(after == "made at the new node")
            }
        }
    }

    @Test("an error that is no redirection is thrown, and so is one that never ends")
    func errors() async throws {
        try await TestCluster.with { cluster in
            try await TestCluster.withClient(cluster.nodes[0]) { redis in
                let key = try await cluster.name(at: 1)
                try await redis.command("SET", key: key, "text")
                await #expect(throws: RedisError.server("ERR value is not an integer or out of range")) {
                    try await redis.command("INCR", key: key)
                }
                // Two nodes that each think that the other one has it.
                let slot = HashSlot.of(key)
                try await redis.command("DEL", key: key)
                try await cluster.pointAtEachOther(slot, 1, 2)
                let error = await #expect(throws: RedisError.self) { try await redis.command("GET", key: key) }
                #expect(error?.description.contains("MOVED \(slot)") == true)
            }
        }
    }

    @Test("a stopped client fails at once what belongs to any node")
    func stop() async throws {
        try await TestCluster.with { cluster in
            let keys = [try await cluster.name(at: 0), try await cluster.name(at: 1)]
            let redis = try await TestCluster.withClient(cluster.nodes[0]) { redis in
                for key in keys { try await redis.command("SET", key: key, "x") }
                return redis
            }
            for key in keys {
                await #expect(throws: RedisError.closed) { try await redis.command("GET", key: key) }
            }
        }
    }

    @Test("when a replica takes over, commands that wait and subscriptions go to it")
    func failover() async throws {
        try await TestCluster.with(replica: true) { cluster in
            try await TestCluster.withClient(cluster.nodes[0]) { redis in
                let log = Log()
                let name = try await cluster.name(at: 1)
                let subscription = redis.subscribe(.shardChannel, name) { log.add("", $0) }
                try await subscription.waitUntilActive()
                try await redis.command("SET", key: name, "before")
                // Acknowledged by the replica, so that it is not lost. WAIT is about the writes of its own connection.
                try await eventually("the replica has it") {
                    try await cluster.clients[1].command("SET", name, "before")
                    return try await cluster.clients[1].command("WAIT", 1, 1_000).integer == 1
                }

                cluster.servers[1].kill()
                try await eventually("the loss is noticed") { log.lines.contains(" lost") }
                async let value = redis.command("GET", key: name).string
                try await cluster.clients[3].command("CLUSTER", "FAILOVER", "TAKEOVER")
                let survived = try await value
                #expect(survived == "before", "the command waited for the new node")
                try await eventually("the channel is heard at the new node") {
                    redis.publish(ByteBuffer(string: "after"), to: name, sharded: true)
                    return log.lines.contains(" \(name) after")
                }
                #expect(log.lines.contains(" active after a gap"), "the loss was told")

                // The old one comes back as a replica and redirects who still asks it.
                try await cluster.servers[1].start()
                try await eventually("it follows", within: .seconds(30)) {
                    try await cluster.clients[1].command("ROLE").array?.first?.string == "slave"
                }
                let again = try await redis.command("GET", name).string
                #expect(again == "before")
            }
        }
    }

    @Test("while the configured node is away the others are used, and it is used again when it is back")
    func seedRestarts() async throws {
        try await TestCluster.with { cluster in
            try await TestCluster.withClient(cluster.nodes[0]) { redis in
                let log = Log()
                let (here, there, fresh) = (
                    try await cluster.name(at: 0), try await cluster.name(at: 1), try await cluster.name(at: 2)
                )
                for name in [here, there] {
                    try await redis.subscribe(.shardChannel, name) { log.add("", $0) }.waitUntilActive()
                    try await redis.command("SET", key: name, "x")
                }

                cluster.servers[0].kill()
                try await eventually("the loss is noticed") { !redis.isConnected && log.lines.contains(" lost") }
                let value = try await redis.command("GET", key: there).string
                #expect(value == "x")
                redis.publish(ByteBuffer(string: "without it"), to: there, sharded: true)
                try await eventually("it is heard") { log.lines.contains(" \(there) without it") }
                let subscription = redis.subscribe(.shardChannel, fresh) { log.add("", $0) }
                try await subscription.waitUntilActive()

                try await cluster.servers[0].start()
                try await eventually("it is connected again") { redis.isConnected }
                // A node that restarts refuses keys until it has heard of the others for a while.
                try await eventually("its keys are used again", within: .seconds(30)) {
                    (try? await redis.command("SET", key: here, "y")) != nil
                }
                let again = try await redis.command("GET", key: here).string
                #expect(again == "y")
                try await eventually("its channel is heard again") {
                    redis.publish(ByteBuffer(string: "again"), to: here, sharded: true)
                    return log.lines.contains(" \(here) again")
                }
            }
        }
    }
}
