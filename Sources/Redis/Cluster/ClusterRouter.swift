internal import Logging
internal import NIOCore
internal import Synchronization

/// Finds the connections to the node of a cluster that serves a key or a sharded channel, and makes them at the first use.
///
/// The node that the configuration names tells who serves what; while it is away another one that is connected does.
/// Where there is no cluster, everything goes to the configured one.
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
        weak var seedCommands: CommandLink?
        weak var seedSubscriptions: SubscriptionLink?
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

    /// Names the links to the configured node.
    func begin(_ commands: CommandLink, _ subscriptions: SubscriptionLink) {
        state.withLock { ($0.seedCommands, $0.seedSubscriptions) = (commands, subscriptions) }
    }

    /// The links to the node that serves a key or a channel, or to one that will tell; nil for those of the configured
    /// node.
    func links(for name: String) -> Links? {
        guard isCluster.load(ordering: .relaxed) else { return nil }
        return state.withLock { state in
            state.topology[HashSlot.of(name)].flatMap { links(to: $0, in: &state) } ?? substitute(in: state)
        }
    }

    /// Who is asked while the configured node is away; nil while it is there, or nobody is.
    private func substitute(in state: State) -> Links? {
        if state.seedCommands?.isReady.load(ordering: .relaxed) == true { return nil }
        return state.nodes.values.first { $0.commands.isReady.load(ordering: .relaxed) }
    }

    /// Who takes over the subscriptions of a node that cannot be reached; nil when they have to stay.
    func subscriptions(insteadOf link: SubscriptionLink) -> SubscriptionLink? {
        guard isCluster.load(ordering: .relaxed) else { return nil }
        return state.withLock { state in
            let other = substitute(in: state)?.subscriptions ?? state.seedSubscriptions
            return other === link ? nil : other
        }
    }

    /// All nodes' links that have been made.
    var all: [Links] { state.withLock { Array($0.nodes.values) } }

    /// Stops sending to a node that does not answer; another one tells who serves its slots now.
    func forget(_ node: ClusterTopology.Node) {
        state.withLock { $0.topology.forget(node) }
    }

    func learn(_ topology: ClusterTopology) {
        state.withLock { $0.topology = topology }
        isCluster.store(topology.isCluster, ordering: .relaxed)
    }

    /// Takes a redirection; returns the links to the node, or nil when there are too many nodes already.
    func follow(_ redirection: ClusterRedirection) -> Links? {
        isCluster.store(true, ordering: .relaxed)
        return state.withLock { state in
            if !redirection.isOnce { state.topology.learn(redirection.node, serves: redirection.slot) }
            return links(to: redirection.node, in: &state)
        }
    }

    /// Lets go of the nodes' links, which hold the router. From now on everything goes to the configured node's, which are
    /// closed.
    func end() {
        learn(ClusterTopology())
        state.withLock { $0.nodes = [:] }
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
