import NIOCore
import NIOPosix
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
        let moved = ClusterTopology.moved("MOVED 3999 ::1:6381")
        #expect(moved?.slot == 3_999)
        #expect(moved?.node == .init(host: "::1", port: 6_381))
        for text in ["", "ERR x", "MOVED", "MOVED x ::1:1", "MOVED 16384 h:1", "MOVED 1 h:", "MOVED 1 h:65536"] {
            #expect(ClusterTopology.moved(text) == nil, "\(text)")
        }
    }

    @Test("sharded channels are heard and published at the nodes that serve them, and after a slot has moved")
    func sharded() async throws {
        try await TestCluster.with { cluster in
            try await RedisClientTests.withClient(cluster.nodes[0]) { redis in
                try await redis.waitUntilConnected()
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
}

/// Three nodes that share the slots, without replicas.
private struct TestCluster: Sendable {
    let nodes: [RedisConfiguration]
    let clients: [RedisClient]
    private let ids: [String]

    static func with(_ body: @Sendable (TestCluster) async throws -> Void) async throws {
        let ports = try await freePorts(6)
        try await node(ports[0], ports[3]) { first in
            try await node(ports[1], ports[4]) { second in
                try await node(ports[2], ports[5]) { third in
                    let cluster = try await TestCluster(
                        clients: [first, second, third],
                        ports: Array(ports.prefix(3)),
                        busPorts: Array(ports.suffix(3))
                    )
                    try await body(cluster)
                }
            }
        }
    }

    private static func node(
        _ port: Int,
        _ busPort: Int,
        _ body: @Sendable (RedisClient) async throws -> Void
    ) async throws {
        let options = [
            "--port", String(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port",
            String(busPort),
        ]
        try await PrivateRedis.with(options: options) { server in
            try await RedisClientTests.withClient(server) { redis in try await body(redis) }
        }
    }

    private init(clients: [RedisClient], ports: [Int], busPorts: [Int]) async throws {
        self.clients = clients
        nodes = ports.map { RedisConfiguration(address: .tcp(host: "127.0.0.1", port: $0)) }
        var ids: [String] = []
        for (index, client) in clients.enumerated() {
            let range = Self.range(index)
            try await client.command("CLUSTER", "ADDSLOTSRANGE", range.lowerBound, range.upperBound - 1)
            try await client.command("CLUSTER", "MEET", "127.0.0.1", ports[0], busPorts[0])
            ids.append(try await client.command("CLUSTER", "MYID").string ?? "")
        }
        self.ids = ids
        try await eventually("the cluster is formed", within: .seconds(30)) {
            for client in clients {
                let state = try await client.command("CLUSTER", "INFO").string ?? ""
                guard state.contains("cluster_state:ok"), state.contains("cluster_known_nodes:3") else { return false }
            }
            return true
        }
    }

    private static func range(_ node: Int) -> Range<Int> {
        HashSlot.count * node / 3..<HashSlot.count * (node + 1) / 3
    }

    func owner(of slot: Int) -> Int { (0..<3).first { Self.range($0).contains(slot) } ?? 0 }

    func move(_ slot: Int, to node: Int) async throws {
        // The new owner first, so that the old one never takes the slot back.
        for client in [clients[node]] + clients {
            try await client.command("CLUSTER", "SETSLOT", slot, "NODE", ids[node])
        }
    }

    private static func freePorts(_ count: Int) async throws -> [Int] {
        var probes: [any Channel] = []
        for _ in 0..<count {
            probes.append(
                try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .bind(host: "127.0.0.1", port: 0).get()
            )
        }
        let ports = probes.compactMap { $0.localAddress?.port }
        for probe in probes { try await probe.close() }
        return ports
    }
}
