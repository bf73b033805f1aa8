public import NIOCore

/// Carries a namespace's broadcasts and requests to the sockets they concern.
///
/// `LocalAdapter` serves the sockets of this process. An adapter for a fleet wraps it: it passes each call on to the
/// other servers and to the local adapter, and neither waits for nor depends on the other: a broker that is down
/// never delays a local delivery.
///
/// Calls never block. Calls made one after the other take effect in that order on each socket, so a socket that
/// joined a room hears the next broadcast to it.
public protocol Adapter: Sendable {
    /// Sends an event to every socket that `options` describe.
    func broadcast(_ event: Payload, options: BroadcastOptions)

    /// Sends an event and gathers the acknowledgements until `options.flags.timeout` is over.
    ///
    /// - Parameters:
    ///   - clientCount: Called once for each server that received the event, with the number of its clients.
    ///   - acknowledgement: Called once for each client that answers, with its first argument.
    func broadcast(
        _ event: Payload,
        options: BroadcastOptions,
        clientCount: @escaping @Sendable (Int) -> Void,
        acknowledgement: @escaping @Sendable (Payload) -> Void
    )

    /// The sockets that `options` describe.
    func fetchSockets(_ options: BroadcastOptions) async -> FleetAnswer<[RemoteSocket]>

    /// The rooms that hold at least one socket.
    func allRooms() async -> FleetAnswer<Set<Room>>

    /// Makes the described sockets join `rooms`.
    func addSockets(_ options: BroadcastOptions, to rooms: [Room])

    /// Makes the described sockets leave `rooms`.
    func removeSockets(_ options: BroadcastOptions, from rooms: [Room])

    /// Disconnects the described sockets from the namespace, or with `closeTransport` their whole connection.
    func disconnectSockets(_ options: BroadcastOptions, closeTransport: Bool)

    /// Sends an event to the other servers of the fleet.
    func serverSideEmit(_ event: Payload)

    /// Sends an event to the other servers of the fleet and gathers their answers, of each the first argument.
    func serverSideEmitWithAck(_ event: Payload) async -> FleetAnswer<[Payload]>

    /// How many servers the fleet has, this one included.
    func serverCount() async -> Int

    /// Whether a socket of this server is in the room.
    func isOccupied(_ room: Room) -> Bool

    /// Tells `observer` of each room that a socket of this server is in, of those of now at once, and later when it
    /// gets its first socket or loses its last.
    ///
    /// - Parameter observer: Called in the order of these changes, one at a time. It must be short and must not call
    ///   back.
    func observeRooms(_ observer: @escaping @Sendable (Room, _ isOccupied: Bool) -> Void)

    /// Ends what the adapter does in the background.
    func close() async
}

/// What the servers of a fleet answered until the deadline.
public struct FleetAnswer<Value: Sendable>: Sendable {
    /// The answers that came, joined.
    public var value: Value
    /// How many servers did not answer in time; 0 means that `value` is complete.
    public var missingServers: Int

    /// An answer that lacks the part of `missingServers` servers.
    public init(_ value: Value, missingServers: Int = 0) {
        self.value = value
        self.missingServers = missingServers
    }
}

/// A socket of any server in the fleet, as `fetchSockets` describes it.
public struct RemoteSocket: Sendable {
    /// The socket's id, which is also a room.
    public var id: String
    /// The handshake as a JSON object: headers, time, address, xdomain, secure, issued, url, query, auth.
    public var handshake: ByteBuffer
    /// The rooms it is in, its own id included.
    public var rooms: [Room]
    /// What the application attached to it, as a JSON value.
    public var data: ByteBuffer

    /// Describes a socket.
    public init(id: String, handshake: ByteBuffer, rooms: [Room], data: ByteBuffer) {
        self.id = id
        self.handshake = handshake
        self.rooms = rooms
        self.data = data
    }
}

/// What a fleet adapter needs of the server it belongs to, beside the adapter that serves the local sockets.
public protocol ServerSideEventReceiver: Sendable {
    /// Hands an event that another server sent with `serverSideEmit` to this server's listeners.
    ///
    /// - Parameter reply: Where the listener's answer goes; nil when none was asked for.
    func receiveServerSideEvent(_ event: Payload, reply: (@Sendable (Payload) -> Void)?)
}
