internal import NIOCore
internal import Redis
internal import SocketIO

/// The form of `createShardedAdapter` in `@socket.io/redis-adapter`: SPUBLISH, one channel for all, one for each
/// server, and in the dynamic modes one for each room.
///
/// `@socket.io/redis-emitter` speaks the classic form only, and Node's sharded servers do not hear it. These do.
struct ShardedWire: FleetWire {
    let uid: String
    let isSharded = true
    private let namespace: String
    private let channels: ShardedChannels
    private let emitters: ClassicWire

    init(
        namespace: String,
        key: String = "socket.io",
        mode: RedisAdapterOptions.ShardedMode = .dynamic,
        uid: String = WireID.sharded()
    ) {
        self.uid = uid
        self.namespace = namespace
        channels = ShardedChannels(key: key, namespace: namespace, mode: mode)
        emitters = ClassicWire(
            namespace: namespace,
            options: RedisAdapterOptions(key: key),
            hearsEmittersOnly: true
        )
    }

    var listenings: [Listening] {
        [channels.all, channels.server(uid)].map { Listening(kind: .shardChannel, name: $0, content: .anything) }
            + emitters.listenings
    }

    var countCommand: [String] { ["PUBSUB", "SHARDNUMSUB", channels.all] }

    func makeRequestID() -> String { WireID.sharded() }

    func channel(of room: Room) -> String? { channels.room(room) }

    // MARK: Writing

    func broadcast(_ event: Payload, _ options: BroadcastOptions) throws -> Outgoing {
        Outgoing(
            channel: channels.broadcast(to: options.rooms),
            payload: try encode(.broadcast, [("packet", .event(event)), ("opts", .options(options))])
        )
    }

    func request(_ body: ClusterRequest.Body, id: String?) throws -> Outgoing {
        Outgoing(channel: channels.all, payload: try encode(body, id))
    }

    /// The members in the order of Node's, which its captures show.
    private func encode(_ body: ClusterRequest.Body, _ id: String?) throws -> ByteBuffer {
        let requestID = id.map { [ShardedMessage.Member("requestId", .text($0))] } ?? []
        switch body {
        case .join(let options, let rooms):
            return try encode(.join, [("opts", .options(options)), ("rooms", .rooms(rooms))])
        case .leave(let options, let rooms):
            return try encode(.leave, [("opts", .options(options)), ("rooms", .rooms(rooms))])
        case .disconnect(let options, let close):
            return try encode(.disconnect, [("opts", .options(options)), ("close", .bool(close))])
        case .fetch(let options):
            return try encode(.fetch, [("opts", .options(options))] + requestID)
        case .sockets(let rooms):
            return try encode(.fetch, [("opts", .options(BroadcastOptions(rooms: rooms)))] + requestID)
        case .allRooms:
            // There is no request for rooms in this form; every socket tells its own.
            return try encode(.fetch, [("opts", .options(BroadcastOptions()))] + requestID)
        case .serverSideEmit(let event):
            return try encode(.serverSideEmit, requestID + [("packet", .value(event))])
        case .broadcast(let event, let options):
            return try encode(.broadcast, [("packet", .event(event))] + requestID + [("opts", .options(options))])
        }
    }

    func answer(_ answer: ClusterAnswer, to request: ClusterRequest, id: String) throws -> Outgoing {
        guard let asker = request.uid else { throw CodecError.member("uid") }
        let requestID = ShardedMessage.Member("requestId", .text(id))
        let payload =
            switch answer {
            case .sockets(let sockets): try encode(.fetchResponse, [requestID, ("sockets", .sockets(sockets))])
            case .serverSide(let data): try encode(.serverSideResponse, [requestID, ("packet", .value(data))])
            case .clientCount(let count): try encode(.clientCount, [requestID, ("clientCount", .integer(count))])
            case .acknowledgement(let packet): try encode(.acknowledgement, [requestID, ("packet", .value(packet))])
            // Only asked for by peers that speak the classic form.
            case .rooms, .socketIDs, .confirmation: throw CodecError.member("type")
            }
        return Outgoing(channel: channels.server(asker), payload: payload)
    }

    private func encode(_ kind: ShardedMessage.Kind, _ members: [ShardedMessage.Member]) throws -> ByteBuffer {
        try ShardedMessage.encode(kind, members, uid: uid, namespace: namespace)
    }

    // MARK: Reading

    func read(
        _ payload: ByteBuffer,
        on channel: ByteBuffer,
        as content: Listening.Content,
        isOccupied: (Room) -> Bool,
        isAwaited: (String) -> Bool
    ) throws -> Incoming {
        guard content == .anything else {
            return try emitters.read(payload, on: channel, as: content, isOccupied: isOccupied, isAwaited: isAwaited)
        }
        let message = try ShardedMessage(payload)
        guard message.uid != uid, message.namespace == namespace else { return .ignored }
        return try message.incoming(isAwaited: isAwaited)
    }
}
