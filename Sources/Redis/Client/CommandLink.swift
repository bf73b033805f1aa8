internal import Logging
internal import NIOCore
internal import Synchronization

/// The connection for commands and publishes, over all its reconnections.
///
/// Unchecked because `connection` is touched on `eventLoop` only; the rest is safe by itself.
final class CommandLink: RedisConnectionOwner, @unchecked Sendable {
    let outbox: Outbox
    let ready = Gate()
    let isReady = Atomic(false)
    let refusedPublishes = Atomic(0)
    /// Nanoseconds of the last PING's round trip, 0 before the first.
    let lastRoundTrip = Atomic<Int64>(0)

    /// Why there is no connection; nil while there is one.
    let failure = Mutex<String?>(nil)

    private let eventLoop: any EventLoop
    private let logger: Logger
    private let router: ClusterRouter
    /// Which node of a cluster this is; nil for the one that the configuration names.
    private let node: ClusterTopology.Node?
    private static let asking = ByteBuffer(command: "ASKING")
    private static let clusterSlots = ByteBuffer(command: "CLUSTER", "SLOTS")

    private let readyCount = Atomic(0)
    private var connection: RedisConnection?
    /// Whether the connection's node has told who serves what; nothing is sent to a wrong node before.
    private var knowsTopology = false

    init(
        eventLoop: any EventLoop,
        limits: RedisLimits,
        logger: Logger,
        router: ClusterRouter,
        node: ClusterTopology.Node? = nil
    ) {
        self.eventLoop = eventLoop
        self.router = router
        self.node = node
        self.logger = logger
        outbox = Outbox(limits: limits)
    }

    func publish(_ payload: ByteBuffer, to channel: String, sharded: Bool) {
        if outbox.publish(payload, to: channel, sharded: sharded) { wake() }
    }

    func call(_ call: RedisCall) throws(RedisError) {
        if try outbox.call(call) { wake() }
    }

    /// Keeps the connection until the task is cancelled, then fails what waits.
    func run(_ configuration: RedisConfiguration) async {
        let dialer = RedisDialer(role: .commands, configuration: configuration, eventLoop: eventLoop, logger: logger)
        let seen = Atomic(0)
        await dialer.run(owner: self) {
            let now = readyCount.load(ordering: .relaxed)
            return seen.exchange(now, ordering: .relaxed) != now
        }
        for entry in outbox.close() {
            if case .call(let call) = entry { call.finish(.failure(RedisError.closed)) }
        }
        ready.fail(.closed)
    }

    private func wake() {
        eventLoop.execute { self.send() }
    }

    /// Writes what waits if the connection takes it; otherwise it is called again when the connection does.
    private func send() {
        eventLoop.preconditionInEventLoop()
        guard let connection, knowsTopology, connection.isWritable else { return }
        for entry in outbox.take() {
            switch entry {
            case .publishes(let bytes, let count): connection.writePublishes(bytes, count: count)
            case .call(let call):
                // Given up while it waited: nobody wants its effect any more.
                guard !call.isFinished else { continue }
                if call.isAsking { connection.write(Self.asking, waiting: .asking) }
                connection.write(call.bytes, waiting: .call(call))
            }
        }
        connection.flush()
    }

    // MARK: RedisConnectionOwner

    func connectionReady(_ connection: RedisConnection) {
        logger.debug("connected to Redis")
        self.connection = connection
        connection.write(Self.clusterSlots, waiting: .topology)
        connection.flush()
    }

    private func becomeReady(_ reply: RedisValue) {
        // An error says that this is no cluster, or that the user may not ask.
        let topology = ClusterTopology(reply)
        if topology.isCluster { router.learn(topology) }
        knowsTopology = true
        readyCount.add(1, ordering: .relaxed)
        isReady.store(true, ordering: .relaxed)
        failure.withLock { $0 = nil }
        ready.open()
        send()
    }

    func connectionWritable(_ connection: RedisConnection) { send() }

    func connectionReceived(_ push: RedisPush) {}

    func connectionAnswered(_ waiting: RedisWaiting, _ value: RedisValue) {
        switch waiting {
        case .call(let call):
            if case .error(let text) = value {
                call.finish(.failure(RedisError.server(text)))
            } else {
                call.finish(.success(value))
            }
        case .ping(let sentAt):
            lastRoundTrip.store((NIODeadline.now() - sentAt).nanoseconds, ordering: .relaxed)
        case .topology:
            becomeReady(value)
        case .asking:
            break
        case .subscribe, .unsubscribe:
            preconditionFailure("subscriptions have their own connection")
        }
    }

    func connectionPublishRefused(_ text: String) {
        refusedPublishes.add(1, ordering: .relaxed)
        // The slot has moved: this message is lost, the next ones find their way.
        _ = ClusterRedirection(text).flatMap(router.follow)
        logger.debug("Redis refused a publish", metadata: ["error": "\(text)"])
    }

    func connectFailed(_ error: any Error) {
        failure.withLock { $0 = "\(error)" }
        guard let node else { return }
        router.forget(node)
        // Another node may serve their keys by now.
        for call in outbox.takeCalls() { call.finish(.failure(NodeUnreachable())) }
    }

    func connectionClosed(_ connection: RedisConnection, unanswered: [RedisWaiting], error: RedisError) {
        logger.debug("the connection to Redis ended", metadata: ["error": "\(error)"])
        failure.withLock { $0 = "\(error)" }
        if self.connection === connection {
            self.connection = nil
            knowsTopology = false
            isReady.store(false, ordering: .relaxed)
            ready.close()
        }
        for case .call(let call) in unanswered { call.finish(.failure(RedisError.connectionLost)) }
    }
}
