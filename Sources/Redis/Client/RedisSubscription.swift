public import NIOCore
internal import Synchronization

/// A subscription, from `RedisClient.subscribe` until `cancel()`.
public final class RedisSubscription: Sendable {
    /// What the name means.
    public enum Kind: Sendable, Hashable {
        /// One channel: SUBSCRIBE.
        case channel
        /// All channels that match a glob: PSUBSCRIBE.
        case pattern
        /// One channel of a cluster's shard: SSUBSCRIBE.
        case shardChannel
    }

    /// What a subscription is told, on the client's event loop and in order.
    public enum Event: Sendable {
        /// A message was published. `channel` is the one it was published to, also for a pattern.
        case message(channel: ByteBuffer, payload: ByteBuffer)
        /// Redis confirmed the subscription. `afterGap` says that it was lost before: messages may be missing.
        case active(afterGap: Bool)
        /// The connection was lost; the client connects and subscribes again by itself.
        case lost
        /// Redis does not allow the subscription.
        case refused(RedisError)
    }

    let key: SubscriptionKey
    let gate = Gate()
    let handler: @Sendable (Event) -> Void
    private let home: Mutex<SubscriptionLink>

    init(key: SubscriptionKey, link: SubscriptionLink, handler: @escaping @Sendable (Event) -> Void) {
        self.key = key
        home = Mutex(link)
        self.handler = handler
    }

    /// The connection that carries it: in a cluster that of the node which serves its channel.
    var link: SubscriptionLink {
        get { home.withLock { $0 } }
        set { home.withLock { $0 = newValue } }
    }

    /// Returns once Redis has confirmed the subscription.
    ///
    /// - Throws: `RedisError` when Redis refused it or the client has been stopped, or `CancellationError`.
    public func waitUntilActive() async throws { try await gate.wait() }

    /// Ends the subscription. The handler is not called any more once this has reached the client's event loop.
    public func cancel() { link.remove(self) }
}
