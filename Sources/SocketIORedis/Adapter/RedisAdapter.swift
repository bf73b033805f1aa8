public import Logging
internal import NIOCore
public import Redis
public import SocketIO
internal import Synchronization

/// Spreads a namespace over all servers that share a Redis, in the format of `@socket.io/redis-adapter`.
///
/// It wraps the adapter of the local sockets. A broadcast goes to the local sockets at once and to Redis without
/// waiting, so a Redis that is slow or away delays nobody here. What comes from Redis is decoded on the client's event
/// loop, is taken for hostile until it has been, and is counted and dropped when it is not what it should be.
///
/// One is made per namespace; it listens until `close()`.
public final class RedisAdapter: Adapter {
    /// How many requests of other servers may be in work here; more are dropped and counted.
    static let requestsInWorkMax = 256

    /// The namespace, with its slash.
    public let namespace: String
    /// Who this adapter is among the servers: new for each adapter.
    public var uid: String { wire.uid }

    let local: any Adapter
    let receiver: any ServerSideEventReceiver
    let redis: RedisClient
    let options: RedisAdapterOptions
    let wire: any FleetWire
    let logger: Logger
    let pending: PendingRequests
    let statisticsState = Mutex(RedisAdapterStatistics())
    let requestsInWork = Atomic(0)
    /// The servers at the last count, for when Redis cannot be asked.
    let lastServerCount = Atomic(1)
    private let onGap: @Sendable () -> Void
    private let gapIsTold = Atomic(false)
    private let subscriptions = Mutex(Subscriptions())

    private struct Subscriptions {
        var lasting: [RedisSubscription] = []
        /// Of the occupied rooms, where rooms have channels.
        var rooms: [Room: RedisSubscription] = [:]
        var isClosed = false
    }

    /// Begins to listen for the other servers.
    ///
    /// - Parameters:
    ///   - local: Serves the sockets of this process; what it is called with is not passed on.
    ///   - receiver: Gets the events that other servers send with `serverSideEmit`.
    ///   - onGap: Called when a connection was lost and is back: broadcasts may be missing. It must not block.
    public init(
        namespace: String,
        local: any Adapter,
        receiver: any ServerSideEventReceiver,
        redis: RedisClient,
        options: RedisAdapterOptions = RedisAdapterOptions(),
        logger: Logger = Logger(label: "socket.io.redis"),
        onGap: @escaping @Sendable () -> Void = {}
    ) {
        self.namespace = namespace
        self.local = local
        self.receiver = receiver
        self.redis = redis
        self.options = options
        self.logger = logger
        self.onGap = onGap
        wire =
            switch options.form {
            case .classic: ClassicWire(namespace: namespace, options: options)
            case .sharded(let mode): ShardedWire(namespace: namespace, key: options.key, mode: mode)
            }
        pending = PendingRequests(eventLoop: redis.eventLoop)
        listen()
    }

    private func listen() {
        // The handlers hold the adapter until `close()` cancels them.
        let lasting = wire.listenings.map { listening in
            redis.subscribe(listening.kind, listening.name) { [self] event in
                switch event {
                case .message(let channel, let payload): receive(payload, on: channel, as: listening.content)
                case .active(afterGap: true): gapEnded()
                case .active, .lost, .refused: break
                }
            }
        }
        subscriptions.withLock { $0.lasting = lasting }
        if wire.isSharded { local.observeRooms { [weak self] room, isOccupied in self?.hear(room, isOccupied) } }
    }

    /// Listens to a room's channel while the room holds a local socket.
    ///
    /// Redis confirms a round trip later: what another server broadcasts until then is missed, as with Node.
    private func hear(_ room: Room, _ isOccupied: Bool) {
        guard let channel = wire.channel(of: room) else { return }
        subscriptions.withLock { subscriptions in
            guard isOccupied else {
                subscriptions.rooms.removeValue(forKey: room)?.cancel()
                return
            }
            guard !subscriptions.isClosed, subscriptions.rooms[room] == nil else { return }
            subscriptions.rooms[room] = redis.subscribe(.shardChannel, channel) { [self] event in
                switch event {
                case .message(let channel, let payload): receive(payload, on: channel, as: .anything)
                case .active(afterGap: true): gapEnded()
                case .active, .lost, .refused: break
                }
            }
        }
    }

    /// Subscriptions to one node are lost and come back together, so one of them tells for all.
    private func gapEnded() {
        guard !gapIsTold.exchange(true, ordering: .relaxed) else { return }
        redis.eventLoop.execute { [self] in
            gapIsTold.store(false, ordering: .relaxed)
            onGap()
        }
    }

    /// Returns once Redis has confirmed all subscriptions, so that nothing that is sent from now on is missed.
    ///
    /// - Throws: `RedisError` when Redis refuses a subscription or its client has been stopped.
    public func waitUntilActive() async throws {
        let subscriptions = subscriptions.withLock { $0.lasting + $0.rooms.values }
        for subscription in subscriptions { try await subscription.waitUntilActive() }
    }

    /// What has been seen so far.
    public var statistics: RedisAdapterStatistics { statisticsState.withLock { $0 } }

    func count(_ member: WritableKeyPath<RedisAdapterStatistics, Int>) {
        statisticsState.withLock { $0[keyPath: member] += 1 }
    }

    // MARK: Adapter

    /// Whether a local socket is in the room.
    public func isOccupied(_ room: Room) -> Bool { local.isOccupied(room) }

    /// Tells of the rooms of local sockets.
    public func observeRooms(_ observer: @escaping @Sendable (Room, _ isOccupied: Bool) -> Void) {
        local.observeRooms(observer)
    }

    /// Stops listening, and ends what waits for other servers with what has come.
    public func close() async {
        let ended = subscriptions.withLock { subscriptions in
            defer { subscriptions = Subscriptions(isClosed: true) }
            return subscriptions.lasting + subscriptions.rooms.values
        }
        for subscription in ended { subscription.cancel() }
        pending.endAll()
        await local.close()
    }
}
