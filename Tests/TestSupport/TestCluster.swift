internal import Foundation
internal import NIOCore
internal import NIOPosix
package import Redis

/// Three nodes that share the slots of a Redis cluster, and a replica of the second one where a test wants it.
package struct TestCluster: Sendable {
    package static let slots = 16_384

    /// The nodes by their TCP addresses, which is how they tell each other of themselves.
    package let nodes: [RedisConfiguration]
    package let servers: [PrivateRedis]
    /// One to each node, over its Unix socket.
    package let clients: [RedisClient]
    private let ids: [String]

    /// Runs `body` with a cluster that is gone afterwards.
    package static func with(
        replica: Bool = false,
        _ body: @Sendable (TestCluster) async throws -> Void
    ) async throws {
        let count = replica ? 4 : 3
        let ports = try await TestPorts.free(2 * count)
        try await servers(Array(zip(ports.prefix(count), ports.suffix(count)))) { servers, clients in
            try await body(TestCluster(servers, clients, Array(ports.prefix(count)), Array(ports.suffix(count))))
        }
    }

    private static func servers(
        _ ports: [(port: Int, busPort: Int)],
        _ servers: [PrivateRedis] = [],
        _ clients: [RedisClient] = [],
        _ body: @Sendable ([PrivateRedis], [RedisClient]) async throws -> Void
    ) async throws {
        guard let (port, busPort) = ports.first else { return try await body(servers, clients) }
        let options = [
            "--port", String(port), "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port",
            String(busPort), "--cluster-node-timeout", "2000", "--cluster-require-full-coverage", "no",
        ]
        try await PrivateRedis.with(options: options) { server in
            try await withClient(server.configuration) { client in
                try await self.servers(Array(ports.dropFirst()), servers + [server], clients + [client], body)
            }
        }
    }

    /// A client of the cluster that is told of one node, or a client of that node alone.
    package static func withClient<Value: Sendable>(
        _ configuration: RedisConfiguration,
        _ body: @Sendable (RedisClient) async throws -> Value
    ) async throws -> Value {
        try await RedisClient.withClient(
            configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton
        ) { client in
            try await client.waitUntilConnected()
            return try await body(client)
        }
    }

    private init(
        _ servers: [PrivateRedis],
        _ clients: [RedisClient],
        _ ports: [Int],
        _ busPorts: [Int]
    ) async throws {
        self.servers = servers
        self.clients = clients
        nodes = ports.map { RedisConfiguration(address: .tcp(host: "127.0.0.1", port: $0)) }
        var ids: [String] = []
        for (index, client) in clients.enumerated() {
            if index < 3 {
                let range = Self.range(index)
                try await client.command("CLUSTER", "ADDSLOTSRANGE", range.lowerBound, range.upperBound - 1)
            }
            try await client.command("CLUSTER", "MEET", "127.0.0.1", ports[0], busPorts[0])
            ids.append(try await client.command("CLUSTER", "MYID").string ?? "")
        }
        self.ids = ids
        try await eventually("the cluster is formed", within: .seconds(30)) {
            for client in clients {
                let state = try await client.command("CLUSTER", "INFO").string ?? ""
                // Each knows who serves every slot: without that a node is of no use once another one is gone.
                guard state.contains("cluster_state:ok"), state.contains("cluster_known_nodes:\(clients.count)"),
                    state.contains("cluster_slots_ok:\(Self.slots)")
                else { return false }
            }
            return true
        }
        if clients.count > 3 {
            try await clients[3].command("CLUSTER", "REPLICATE", ids[1])
            try await eventually("the replica follows", within: .seconds(30)) {
                try await clients[3].command("INFO", "replication").string?.contains("master_link_status:up") == true
            }
        }
    }

    private static func range(_ node: Int) -> Range<Int> { slots * node / 3..<slots * (node + 1) / 3 }

    /// Which node served the slot at the start.
    package func owner(of slot: Int) -> Int { (0..<3).first { Self.range($0).contains(slot) } ?? 0 }

    /// A new name that is part of a key or a channel which a node served at the start.
    package func name(at node: Int, _ key: (String) -> String = { $0 }) async throws -> String {
        while true {
            let name = TestRedis.unique()
            let slot = try await clients[node].command("CLUSTER", "KEYSLOT", key(name)).integer
            if slot.map(owner(of:)) == node { return name }
        }
    }

    /// Gives a slot without keys, which is where it was at the start, to another node.
    package func move(_ slot: Int, to node: Int) async throws {
        // An owner that imported a slot gets the highest epoch, so that the nodes believe it and not the old one.
        try await clients[node].command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[owner(of: slot)])
        for client in [clients[node]] + clients {
            try await client.command("CLUSTER", "SETSLOT", slot, "NODE", ids[node])
        }
    }

    /// Begins to move a slot: new keys are made at `node`.
    package func beginMoving(_ slot: Int, from origin: Int, to node: Int) async throws {
        try await clients[node].command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[origin])
        try await clients[origin].command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[node])
    }

    /// Makes two nodes each say of a slot without keys that the other one serves it.
    package func pointAtEachOther(_ slot: Int, _ one: Int, _ other: Int) async throws {
        try await clients[one].command("CLUSTER", "SETSLOT", slot, "NODE", ids[other])
        try await clients[other].command("CLUSTER", "SETSLOT", slot, "NODE", ids[one])
    }
}
