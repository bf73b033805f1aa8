internal import NIOCore
public import Redis
public import SocketIO

/// Sends to a fleet's sockets from a program that is no server, in the format of `@socket.io/redis-emitter`.
///
/// Each call waits for Redis and gives the number of servers that heard it, so that a command line can report it.
public struct RedisEmitter: Sendable {
    /// The name by which servers know that no server sent it.
    static let uid = "emitter"
    /// Names that a client takes for events of its own connection.
    static let reservedEvents: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    /// An event that must not be sent.
    public enum InvalidEvent: Error, Sendable, Hashable {
        /// It is not a JSON array that begins with a name.
        case malformed
        /// Its name is one that clients take for events of their own connection.
        case reserved(String)
    }

    /// The namespace, with its slash.
    public let namespace: String
    private let redis: RedisClient
    private let key: String
    private let channels: ClassicChannels

    /// Makes an emitter for a namespace; a missing slash is added.
    public init(redis: RedisClient, namespace: String = "/", key: String = "socket.io") {
        self.namespace = namespace.hasPrefix("/") ? namespace : "/" + namespace
        self.redis = redis
        self.key = key
        channels = ClassicChannels(key: key, namespace: self.namespace)
    }

    /// The same for another namespace.
    public func of(_ namespace: String) -> RedisEmitter { RedisEmitter(redis: redis, namespace: namespace, key: key) }

    /// Sends an event to the described sockets.
    ///
    /// - Throws: `InvalidEvent`, or `RedisError`.
    @discardableResult
    public func emit(_ event: Payload, options: BroadcastOptions = BroadcastOptions()) async throws -> Int {
        try Self.check(event)
        let message = try BroadcastMessage.encode(
            event,
            options: options,
            uid: Self.uid,
            namespace: namespace,
            order: .emitter
        )
        return try await publish(message, to: channels.broadcast(to: options.rooms))
    }

    /// Makes the described sockets join `rooms`.
    ///
    /// - Throws: `RedisError`.
    @discardableResult
    public func socketsJoin(_ rooms: [Room], options: BroadcastOptions = BroadcastOptions()) async throws -> Int {
        try await request(.join(options, rooms: rooms))
    }

    /// Makes the described sockets leave `rooms`.
    ///
    /// - Throws: `RedisError`.
    @discardableResult
    public func socketsLeave(_ rooms: [Room], options: BroadcastOptions = BroadcastOptions()) async throws -> Int {
        try await request(.leave(options, rooms: rooms))
    }

    /// Disconnects the described sockets, with `close` their whole connections.
    ///
    /// - Throws: `RedisError`.
    @discardableResult
    public func disconnectSockets(
        close: Bool = false,
        options: BroadcastOptions = BroadcastOptions()
    ) async throws -> Int {
        try await request(.disconnect(options, close: close))
    }

    /// Sends an event to the servers themselves.
    ///
    /// - Throws: `InvalidEvent`, or `RedisError`.
    @discardableResult
    public func serverSideEmit(_ event: Payload) async throws -> Int {
        guard event.isEvent else { throw InvalidEvent.malformed }
        return try await request(.serverSideEmit(event), uid: Self.uid)
    }

    private func request(_ body: ClusterRequest.Body, uid: String? = nil) async throws -> Int {
        let message = try ClusterRequest(uid: uid, requestID: nil, body: body).encode(namespace: namespace)
        return try await publish(message, to: channels.request)
    }

    private func publish(_ message: ByteBuffer, to channel: String) async throws -> Int {
        guard let count = try await redis.command("PUBLISH", channel, message).integer else {
            throw RedisError.unexpectedReply(command: "PUBLISH")
        }
        return count
    }

    static func check(_ event: Payload) throws {
        try event.json.withUnsafeReadableBytes { bytes in
            var name: String?
            var reader = JSONReader(bytes)
            do {
                try reader.elements(of: "event") { reader in
                    if name == nil { name = try reader.string("event") } else { _ = try reader.value() }
                }
                try reader.end()
            } catch {
                throw InvalidEvent.malformed
            }
            guard let name else { throw InvalidEvent.malformed }
            if reservedEvents.contains(name) { throw InvalidEvent.reserved(name) }
        }
    }
}
