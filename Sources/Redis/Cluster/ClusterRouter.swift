internal import Logging
internal import NIOCore
internal import Synchronization

/// Finds the connections to the node of a cluster that serves a sharded channel, and makes them at the first use.
///
/// The node that the configuration names tells who serves what. Where there is no cluster, everything goes to it.
final class ClusterRouter: Sendable {
    /// The connections to one node.
    struct Links: Sendable {
        var commands: CommandLink
        var subscriptions: SubscriptionLink
        var configuration: RedisConfiguration
    }

    /// Most nodes that are connected to: what a node says is not believed without a limit.
    static let nodesMax = 1_000

    private struct State {
        weak var seed: SubscriptionLink?
        var topology = ClusterTopology()
        var nodes: [ClusterTopology.Node: Links] = [:]
    }

    private let configuration: RedisConfiguration
    private let eventLoop: any EventLoop
    private let limits: RedisLimits
    private let logger: Logger
    private let state = Mutex(State())
    private let isCluster = Atomic(false)
    /// Whoever runs the links takes them from here.
    let made: AsyncStream<Links>
    private let makers: AsyncStream<Links>.Continuation

    init(_ configuration: RedisConfiguration, eventLoop: any EventLoop, limits: RedisLimits, logger: Logger) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.limits = limits
        self.logger = logger
        (made, makers) = AsyncStream.makeStream()
    }

    /// The links to the node that serves a channel; nil for those of the configured node.
    func links(for channel: String) -> Links? {
        guard isCluster.load(ordering: .relaxed) else { return nil }
        return state.withLock { state in
            guard let node = state.topology[HashSlot.of(channel)] else { return nil }
            return links(to: node, in: &state)
        }
    }

    /// All nodes' links that have been made.
    var all: [Links] { state.withLock { Array($0.nodes.values) } }

    /// The subscriptions of the configured node, which redirects those that do not belong to it.
    var seed: SubscriptionLink? {
        get { state.withLock { $0.seed } }
        set { state.withLock { $0.seed = newValue } }
    }

    /// Stops sending to a node that does not answer; the configured one tells who serves its slots now.
    func forget(_ node: ClusterTopology.Node) {
        state.withLock { $0.topology.forget(node) }
    }

    func learn(_ topology: ClusterTopology) {
        state.withLock { $0.topology = topology }
        isCluster.store(topology.isCluster, ordering: .relaxed)
    }

    /// Takes a redirection; returns the links to the node, or nil when the error is none.
    func follow(_ error: String) -> Links? {
        guard let (slot, node) = ClusterTopology.moved(error) else { return nil }
        isCluster.store(true, ordering: .relaxed)
        return state.withLock { state in
            state.topology.learn(node, serves: slot)
            return links(to: node, in: &state)
        }
    }

    private func links(to node: ClusterTopology.Node, in state: inout State) -> Links? {
        if let links = state.nodes[node] { return links }
        guard state.nodes.count < Self.nodesMax, let address = address(of: node) else { return nil }
        var nodeConfiguration = configuration
        nodeConfiguration.address = address
        let links = Links(
            commands: CommandLink(eventLoop: eventLoop, limits: limits, logger: logger, router: self, node: node),
            subscriptions: SubscriptionLink(eventLoop: eventLoop, logger: logger, router: self),
            configuration: nodeConfiguration
        )
        state.nodes[node] = links
        makers.yield(links)
        return links
    }

    private func address(of node: ClusterTopology.Node) -> RedisConfiguration.Address? {
        if !node.host.isEmpty { return .tcp(host: node.host, port: node.port) }
        // The node does not know its own address: it is where we reached it.
        guard case .tcp(let host, _) = configuration.address else { return nil }
        return .tcp(host: host, port: node.port)
    }
}
