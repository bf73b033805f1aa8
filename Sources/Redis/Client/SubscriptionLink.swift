internal import Logging
internal import NIOCore
internal import Synchronization

/// The connection for subscriptions, over all its reconnections.
///
/// Unchecked because `connection` and `entries` are touched on `eventLoop` only; the rest is safe by itself.
final class SubscriptionLink: RedisConnectionOwner, @unchecked Sendable {
    private struct Entry {
        var subscriptions: [RedisSubscription]
        let generation: Int
        /// Redis delivers on the connection of now.
        var isActive = false
        /// Was active on a connection before.
        var wasActive = false
    }

    let isReady = Atomic(false)
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let router: ClusterRouter
    private let readyCount = Atomic(0)
    private var connection: RedisConnection?
    private var entries: [SubscriptionKey: Entry] = [:]
    private var generations = 0
    private var isClosed = false

    init(eventLoop: any EventLoop, logger: Logger, router: ClusterRouter) {
        self.eventLoop = eventLoop
        self.router = router
        self.logger = logger
    }

    /// Keeps the connection until the task is cancelled, then ends what waits for a confirmation.
    func run(_ configuration: RedisConfiguration) async {
        let dialer = RedisDialer(
            role: .subscriptions,
            configuration: configuration,
            eventLoop: eventLoop,
            logger: logger
        )
        let seen = Atomic(0)
        await dialer.run(owner: self) {
            let now = readyCount.load(ordering: .relaxed)
            return seen.exchange(now, ordering: .relaxed) != now
        }
        try? await eventLoop.submit { self.close() }.get()
    }

    private func close() {
        isClosed = true
        for subscription in entries.values.flatMap(\.subscriptions) { subscription.gate.fail(.closed) }
        entries = [:]
    }

    // MARK: Subscriptions

    func add(_ subscription: RedisSubscription) {
        eventLoop.execute { [self] in
            if isClosed { return subscription.gate.fail(.closed) }
            if entries[subscription.key] == nil {
                generations += 1
                entries[subscription.key] = Entry(subscriptions: [subscription], generation: generations)
                send(.subscribe(subscription.key, generation: generations))
            } else {
                entries[subscription.key]?.subscriptions.append(subscription)
                if entries[subscription.key]?.isActive == true { activate(subscription, afterGap: false) }
            }
        }
    }

    func remove(_ subscription: RedisSubscription) {
        eventLoop.execute { [self] in
            // It may have moved to another node in the meantime.
            guard subscription.link === self else { return subscription.link.remove(subscription) }
            subscription.gate.fail(.closed)
            entries[subscription.key]?.subscriptions.removeAll { $0 === subscription }
            guard entries[subscription.key]?.subscriptions.isEmpty == true else { return }
            entries[subscription.key] = nil
            send(.unsubscribe(subscription.key))
        }
    }

    private func send(_ waiting: RedisWaiting) {
        write(waiting)
        connection?.flush()
    }

    /// One name per command, so that each command has one reply and a refusal can be told from the others.
    private func write(_ waiting: RedisWaiting) {
        guard let connection else { return }
        var bytes = ByteBuffer()
        switch waiting {
        case .subscribe(let key, _): bytes.writeCommand(key.kind.subscribeCommand, [key.name])
        case .unsubscribe(let key): bytes.writeCommand(key.kind.unsubscribeCommand, [key.name])
        case .call, .asking, .ping, .topology: preconditionFailure("not a subscription")
        }
        connection.write(bytes, waiting: waiting)
    }

    /// Gives all subscriptions to a name to another node's link.
    private func move(_ key: SubscriptionKey, to other: SubscriptionLink) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        other.adopt(key, entry)
    }

    private func adopt(_ key: SubscriptionKey, _ entry: Entry) {
        eventLoop.preconditionInEventLoop()
        for subscription in entry.subscriptions {
            subscription.link = self
            if isClosed { subscription.gate.fail(.closed) }
        }
        guard !isClosed else { return }
        let known = entries[key]
        generations += 1
        entries[key] = Entry(
            subscriptions: (known?.subscriptions ?? []) + entry.subscriptions,
            generation: generations,
            wasActive: known?.wasActive ?? false || entry.wasActive
        )
        send(.subscribe(key, generation: generations))
    }

    private func activate(_ subscription: RedisSubscription, afterGap: Bool) {
        subscription.handler(.active(afterGap: afterGap))
        subscription.gate.open()
    }

    // MARK: RedisConnectionOwner

    func connectionReady(_ connection: RedisConnection) {
        self.connection = connection
        readyCount.add(1, ordering: .relaxed)
        isReady.store(true, ordering: .relaxed)
        for (key, entry) in entries { write(.subscribe(key, generation: entry.generation)) }
        connection.flush()
    }

    func connectionWritable(_ connection: RedisConnection) {}

    func connectionReceived(_ push: RedisPush) {
        guard let entry = entries[push.key] else { return }
        for subscription in entry.subscriptions {
            subscription.handler(.message(channel: push.channel, payload: push.payload))
        }
    }

    func connectionAnswered(_ waiting: RedisWaiting, _ value: RedisValue) {
        guard
            case .subscribe(let key, let generation) = waiting,
            let entry = entries[key], entry.generation == generation
        else { return }
        if case .error(let text) = value {
            if key.kind == .shardChannel, let redirection = ClusterRedirection(text),
                let node = router.follow(redirection)?.subscriptions, node !== self
            {
                return move(key, to: node)
            }
            let error = RedisError.server(text)
            logger.debug("Redis refused a subscription", metadata: ["error": "\(text)"])
            for subscription in entry.subscriptions {
                subscription.handler(.refused(error))
                subscription.gate.fail(error)
            }
            return
        }
        entries[key]?.isActive = true
        entries[key]?.wasActive = true
        for subscription in entry.subscriptions { activate(subscription, afterGap: entry.wasActive) }
    }

    func connectionPublishRefused(_ text: String) {}

    func connectFailed(_ error: any Error) {
        // A node of a cluster that does not answer: another one knows who took over. Channels without a slot stay, since
        // all members of a fleet have to be counted at one node.
        guard let other = router.subscriptions(insteadOf: self) else { return }
        eventLoop.execute { [self] in
            for key in Array(entries.keys) where key.kind == .shardChannel { move(key, to: other) }
        }
    }

    func connectionClosed(_ connection: RedisConnection, unanswered: [RedisWaiting], error: RedisError) {
        guard self.connection === connection else { return }
        self.connection = nil
        isReady.store(false, ordering: .relaxed)
        for (key, entry) in entries where entry.isActive {
            entries[key]?.isActive = false
            for subscription in entry.subscriptions {
                subscription.gate.close()
                subscription.handler(.lost)
            }
        }
    }
}

extension RedisSubscription.Kind {
    fileprivate var subscribeCommand: String {
        switch self {
        case .channel: "SUBSCRIBE"
        case .pattern: "PSUBSCRIBE"
        case .shardChannel: "SSUBSCRIBE"
        }
    }

    fileprivate var unsubscribeCommand: String {
        switch self {
        case .channel: "UNSUBSCRIBE"
        case .pattern: "PUNSUBSCRIBE"
        case .shardChannel: "SUNSUBSCRIBE"
        }
    }
}
