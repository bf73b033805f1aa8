/// How an adapter speaks to its fleet. All members of a fleet need the same `form` and the same `key`.
public struct RedisAdapterOptions: Sendable, Hashable {
    /// Which of the two forms of `@socket.io/redis-adapter` is spoken.
    public enum Form: Sendable, Hashable {
        /// `createAdapter`: PUBLISH and SUBSCRIBE, on any Redis.
        case classic
        /// `createShardedAdapter`: SPUBLISH and SSUBSCRIBE, which a cluster spreads over its shards. Redis 7.
        case sharded(ShardedMode)

        /// Reads `classic` or `sharded`, the latter in Node's default mode; nil for anything else.
        public init?(name: String) {
            switch name {
            case "classic": self = .classic
            case "sharded": self = .sharded(.dynamic)
            default: return nil
            }
        }
    }

    /// Which rooms have a channel of their own in the sharded form; Node calls it `subscriptionMode`.
    public enum ShardedMode: Sendable, Hashable {
        /// Those whose names do not have the length of a socket id.
        case dynamic
        /// All, also those of single sockets.
        case dynamicPrivate
        /// None.
        case `static`
    }

    /// The form that the whole fleet speaks.
    public var form: Form
    /// Begins every channel.
    public var key: String
    /// How long the answers of other servers are waited for.
    public var requestsTimeout: Duration
    /// Publishes answers on a channel of the asking server instead of one that all hear. The sharded form always does.
    public var publishOnSpecificResponseChannel: Bool

    /// The defaults of `@socket.io/redis-adapter`.
    public init(
        form: Form = .classic,
        key: String = "socket.io",
        requestsTimeout: Duration = .seconds(5),
        publishOnSpecificResponseChannel: Bool = false
    ) {
        self.form = form
        self.key = key
        self.requestsTimeout = requestsTimeout
        self.publishOnSpecificResponseChannel = publishOnSpecificResponseChannel
    }
}

/// What an adapter has seen, for metrics.
public struct RedisAdapterStatistics: Sendable, Hashable {
    /// Broadcasts of other servers that were handed to the local sockets.
    public var received = 0
    /// Broadcasts to rooms that no local socket is in, dropped undecoded.
    public var unoccupied = 0
    /// Messages from Redis that were dropped because they are not what they should be.
    public var malformed = 0
    /// Requests that were dropped because too many wait for their answer here.
    public var overloaded = 0
    /// Broadcasts and requests of this server that could not be encoded.
    public var unencodable = 0
}
