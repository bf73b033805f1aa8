internal import NIOCore
internal import Redis
internal import SocketIO

/// How the servers of a fleet speak to each other: the channels, who hears what, and the bytes.
///
/// What is said is the same in both forms, so the adapter knows nothing of them.
protocol FleetWire: Sendable {
    /// Who this adapter is among the servers.
    var uid: String { get }
    /// What is listened to from the start.
    var listenings: [Listening] { get }
    /// Whether channels belong to a shard of a cluster.
    var isSharded: Bool { get }
    /// The command whose last number says how many servers listen.
    var countCommand: [String] { get }
    /// An id for a request, unlike any other's.
    func makeRequestID() -> String

    /// The channel that a server listens to while `room` holds one of its sockets; nil when there is none.
    func channel(of room: Room) -> String?

    /// An event for the sockets of all servers.
    func broadcast(_ event: Payload, _ options: BroadcastOptions) throws -> Outgoing
    /// A request to all servers; with `id`, answers to it are wanted.
    func request(_ body: ClusterRequest.Body, id: String?) throws -> Outgoing
    /// An answer to a request that has an id.
    func answer(_ answer: ClusterAnswer, to request: ClusterRequest, id: String) throws -> Outgoing

    /// Reads what came. Nothing of it is trusted before this has returned.
    ///
    /// - Parameter isAwaited: Whether answers to the request with this id are waited for.
    func read(
        _ payload: ByteBuffer,
        on channel: ByteBuffer,
        as kind: Listening.Content,
        isOccupied: (Room) -> Bool,
        isAwaited: (String) -> Bool
    ) throws -> Incoming
}

/// A channel, or a pattern of channels, and what comes on it.
struct Listening {
    enum Content {
        case broadcasts, requests, responses
        /// The message itself says what it is.
        case anything
    }

    var kind: RedisSubscription.Kind
    var name: String
    var content: Content
}

/// A message and where it is published.
struct Outgoing {
    var channel: String
    var payload: ByteBuffer
}

/// What a message from Redis asks for.
enum Incoming {
    case broadcast(Payload, BroadcastOptions)
    case request(ClusterRequest)
    case response(ClusterResponse)
    /// For a room that no local socket is in.
    case unoccupied
    /// This server's own, or meant for another namespace, or an answer that nobody waits for.
    case ignored
}
