public import Logging
public import NIOCore
internal import Synchronization

/// A client of one Redis server: commands and publishes on one pipelined connection, subscriptions on another.
///
/// When the server is a node of a cluster, keys and sharded channels are used at the nodes that serve them, over two
/// more connections to each; redirections are followed. Everything else goes to the configured node.
///
/// `run()` owns the connections: it connects, and connects again with back-off when one is lost. Commands called
/// while there is no connection wait for it until their timeout. All callbacks come on `eventLoop`.
public final class RedisClient: Sendable {
    /// How often a command is redirected before the last redirection is its error.
    static let redirectionsMax = 16

    /// How long a command waits before it is sent again to a cluster that is changing.
    static let clusterPause = Duration.milliseconds(100)

    /// The loop that both connections live on.
    public let eventLoop: any EventLoop
    /// The bounds of queues and waits.
    public let limits: RedisLimits

    private let configuration: RedisConfiguration
    private let commands: CommandLink
    private let subscriptions: SubscriptionLink
    private let router: ClusterRouter

    /// Makes a client that does nothing until `run()`.
    public init(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup,
        limits: RedisLimits = RedisLimits(),
        logger: Logger = Logger(label: "redis")
    ) {
        self.configuration = configuration
        self.limits = limits
        eventLoop = eventLoopGroup.next()
        router = ClusterRouter(configuration, eventLoop: eventLoop, limits: limits, logger: logger)
        commands = CommandLink(eventLoop: eventLoop, limits: limits, logger: logger, router: router)
        subscriptions = SubscriptionLink(eventLoop: eventLoop, logger: logger, router: router)
        router.begin(commands, subscriptions)
    }

    /// Keeps the client connected until the task is cancelled. Then everything that waits fails with
    /// `RedisError.closed`; a client that has been stopped is not started again.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.commands.run(self.configuration) }
            group.addTask { await self.subscriptions.run(self.configuration) }
            // Ends with the task's cancellation.
            for await links in router.made {
                group.addTask { await links.commands.run(links.configuration) }
                group.addTask { await links.subscriptions.run(links.configuration) }
            }
        }
        router.end()
    }

    /// Runs a client for as long as `body` does.
    public static func withClient<Value: Sendable>(
        configuration: RedisConfiguration,
        eventLoopGroup: any EventLoopGroup,
        limits: RedisLimits = RedisLimits(),
        logger: Logger = Logger(label: "redis"),
        _ body: @Sendable (RedisClient) async throws -> Value
    ) async throws -> Value {
        let client = RedisClient(
            configuration: configuration,
            eventLoopGroup: eventLoopGroup,
            limits: limits,
            logger: logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            return try await body(client)
        }
    }

    // MARK: Commands

    /// Sends a command and waits for its reply.
    ///
    /// Cancelling the calling task gives up this command only.
    ///
    /// - Throws: `RedisError`, or `CancellationError`. After `.timeout` and `.connectionLost` it is unknown whether
    ///   Redis executed the command.
    @discardableResult
    public func command(_ name: String, _ arguments: any RedisArgument...) async throws -> RedisValue {
        try await command(name, arguments: arguments)
    }

    /// As `command(_:_:)`, with a key as the first argument: in a cluster it goes to the node that serves it without the
    /// detour of a redirection, and also while the configured node is away.
    @discardableResult
    public func command(_ name: String, key: String, _ arguments: any RedisArgument...) async throws -> RedisValue {
        try await command(name, arguments: [key] + arguments, atNodeOf: key)
    }

    /// As `command(_:_:)`, for a list of arguments that is made at run time.
    ///
    /// - Parameter key: A key or a sharded channel; in a cluster the command goes to the node that serves it.
    @discardableResult
    public func command(
        _ name: String,
        arguments: [any RedisArgument],
        atNodeOf key: String? = nil
    ) async throws -> RedisValue {
        var bytes = ByteBuffer()
        bytes.writeCommand(name, arguments)
        let deadline = NIODeadline.now() + TimeAmount(limits.commandTimeout)
        var link = home(of: key)
        var redirection: ClusterRedirection?
        var redirections = 0
        while true {
            let call = RedisCall(name: name, bytes: bytes, isAsking: redirection?.isOnce ?? false)
            do {
                return try await answer(to: call, over: link, until: deadline)
            } catch RedisError.server(let text) where ClusterRedirection(text) != nil {
                // The node has not executed it.
                redirection = ClusterRedirection(text)
                redirections += 1
                guard redirections <= Self.redirectionsMax, let node = redirection.flatMap(router.follow) else {
                    throw RedisError.server(text)
                }
                link = node.commands
            } catch RedisError.server(let text) where Self.passes(text) {
                guard NIODeadline.now() + TimeAmount(Self.clusterPause) < deadline else {
                    throw RedisError.server(text)
                }
                try await Task.sleep(for: Self.clusterPause)
                redirection = nil
                link = home(of: key)
            } catch is NodeUnreachable {
                // Comes at the pace of the attempts to connect.
                redirection = nil
                link = home(of: key)
            }
        }
    }

    /// Whether a cluster has not executed a command and soon may: it has just lost or got a node, or moves a slot.
    private static func passes(_ error: String) -> Bool {
        error.hasPrefix("CLUSTERDOWN ") || error.hasPrefix("TRYAGAIN ")
    }

    private func home(of key: String?) -> CommandLink { key.flatMap { router.links(for: $0)?.commands } ?? commands }

    private func answer(
        to call: RedisCall,
        over link: CommandLink,
        until deadline: NIODeadline
    ) async throws -> RedisValue {
        let timer = eventLoop.scheduleTask(deadline: deadline) {
            call.finish(.failure(RedisError.timeout(command: call.name)))
        }
        defer { timer.cancel() }
        try link.call(call)
        return try await call.value()
    }

    /// Publishes without waiting: never blocks, keeps the order of the calls and of `command`.
    ///
    /// While Redis is away or slow, publishes wait in a bounded queue (`limits`); over it they are dropped and counted.
    ///
    /// - Parameter sharded: Uses SPUBLISH, for channels that are subscribed to as `.shardChannel`.
    public func publish(_ payload: ByteBuffer, to channel: String, sharded: Bool = false) {
        home(of: sharded ? channel : nil).publish(payload, to: channel, sharded: sharded)
    }

    // MARK: Subscriptions

    /// Subscribes; the subscription lives until it is cancelled, over all reconnections.
    ///
    /// - Parameter handler: Called on `eventLoop`, in order; it must not block.
    public func subscribe(
        _ kind: RedisSubscription.Kind,
        _ name: String,
        handler: @escaping @Sendable (RedisSubscription.Event) -> Void
    ) -> RedisSubscription {
        let key = SubscriptionKey(kind: kind, name: ByteBuffer(string: name))
        let link = (kind == .shardChannel ? router.links(for: name)?.subscriptions : nil) ?? subscriptions
        let subscription = RedisSubscription(key: key, link: link, handler: handler)
        link.add(subscription)
        return subscription
    }

    // MARK: Health

    /// Whether both connections are usable now.
    public var isConnected: Bool {
        commands.isReady.load(ordering: .relaxed) && subscriptions.isReady.load(ordering: .relaxed)
    }

    /// Why commands cannot be sent now, for a person to read; nil while they can, and before the first attempt.
    public var lastFailure: String? { commands.failure.withLock { $0 } }

    /// Returns once commands can be sent.
    ///
    /// - Throws: `RedisError.closed`, or `CancellationError`.
    public func waitUntilConnected() async throws { try await commands.ready.wait() }

    /// The round trip of a PING behind everything that waits to be sent.
    public func latency() async throws -> Duration {
        let start = ContinuousClock.now
        try await command("PING")
        return ContinuousClock.now - start
    }

    /// The round trip of the last periodic PING; nil before the first.
    public var lastLatency: Duration? {
        let nanoseconds = commands.lastRoundTrip.load(ordering: .relaxed)
        return nanoseconds == 0 ? nil : .nanoseconds(nanoseconds)
    }

    /// How many publishes were dropped because the queue was full.
    public var droppedPublishes: Int { router.all.reduce(commands.outbox.dropped) { $0 + $1.commands.outbox.dropped } }

    /// How many publishes Redis answered with an error.
    public var refusedPublishes: Int {
        (router.all.map(\.commands) + [commands]).reduce(0) { $0 + $1.refusedPublishes.load(ordering: .relaxed) }
    }
}
