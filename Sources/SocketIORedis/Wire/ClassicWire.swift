internal import NIOCore
internal import Redis
internal import SocketIO

/// The form of `createAdapter` in `@socket.io/redis-adapter`: PUBLISH, a pattern for broadcasts, and channels for
/// requests and responses.
struct ClassicWire: FleetWire {
    let uid = WireID.classic()
    let isSharded = false
    private let namespace: String
    private let channels: ClassicChannels
    private let answersOnSpecificChannel: Bool
    private let hearsEmittersOnly: Bool

    /// - Parameter hearsEmittersOnly: Ignores what servers send.
    init(namespace: String, options: RedisAdapterOptions, hearsEmittersOnly: Bool = false) {
        self.hearsEmittersOnly = hearsEmittersOnly
        self.namespace = namespace
        channels = ClassicChannels(key: options.key, namespace: namespace)
        answersOnSpecificChannel = options.publishOnSpecificResponseChannel
    }

    var listenings: [Listening] {
        let questions = [
            Listening(kind: .pattern, name: channels.broadcastPattern, content: .broadcasts),
            Listening(kind: .channel, name: channels.request, content: .requests),
        ]
        // Answers are heard on both, whatever the others' options are.
        let answers = [
            Listening(kind: .channel, name: channels.response, content: .responses),
            Listening(kind: .channel, name: channels.response(to: uid), content: .responses),
        ]
        return hearsEmittersOnly ? questions : questions + answers
    }

    var countCommand: [String] { ["PUBSUB", "NUMSUB", channels.request] }

    func makeRequestID() -> String { WireID.classic() }

    /// The pattern hears all rooms.
    func channel(of room: Room) -> String? { nil }

    // MARK: Writing

    func broadcast(_ event: Payload, _ options: BroadcastOptions) throws -> Outgoing {
        Outgoing(
            channel: channels.broadcast(to: options.rooms),
            payload: try BroadcastMessage.encode(event, options: options, uid: uid, namespace: namespace)
        )
    }

    func request(_ body: ClusterRequest.Body, id: String?) throws -> Outgoing {
        Outgoing(
            channel: channels.request,
            payload: try ClusterRequest(uid: uid, requestID: id, body: body).encode(namespace: namespace)
        )
    }

    func answer(_ answer: ClusterAnswer, to request: ClusterRequest, id: String) throws -> Outgoing {
        let payload = try ClusterResponse.encode(answer, requestID: id)
        // The answer to a server-side event goes to the shared channel whatever the options say, as Node's does.
        if case .serverSide = answer { return Outgoing(channel: channels.response, payload: payload) }
        let asker = answersOnSpecificChannel ? request.uid : nil
        return Outgoing(channel: asker.map(channels.response(to:)) ?? channels.response, payload: payload)
    }

    // MARK: Reading

    func read(
        _ payload: ByteBuffer,
        on channel: ByteBuffer,
        as content: Listening.Content,
        isOccupied: (Room) -> Bool,
        isAwaited: (String) -> Bool
    ) throws -> Incoming {
        switch content {
        case .broadcasts:
            return try broadcast(payload, on: channel, isOccupied)
        case .requests:
            guard let request = try ClusterRequest.decode(payload, namespace: namespace), request.uid != uid,
                isHeard(request.uid)
            else { return .ignored }
            return .request(request)
        case .responses:
            // Without the specific channel every server hears every answer.
            guard let response = try ClusterResponse.decode(payload, isWanted: isAwaited) else { return .ignored }
            return .response(response)
        case .anything:
            return .ignored
        }
    }

    private func broadcast(
        _ payload: ByteBuffer,
        on channel: ByteBuffer,
        _ isOccupied: (Room) -> Bool
    ) throws -> Incoming {
        switch channels.audience(of: channel) {
        case .nobody: return .ignored
        case .everybody: break
        case .room(let room):
            // Most messages of a large fleet are for rooms of others: those cost no decoding.
            guard isOccupied(room) else { return .unoccupied }
        }
        guard let message = try BroadcastMessage.decode(payload, uid: uid, namespace: namespace),
            isHeard(message.uid)
        else { return .ignored }
        return .broadcast(message.event, message.options)
    }

    private func isHeard(_ sender: String?) -> Bool {
        !hearsEmittersOnly || sender ?? RedisEmitter.uid == RedisEmitter.uid
    }
}
