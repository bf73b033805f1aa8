internal import Logging
internal import NIOCore
internal import Redis
public import SocketIO

extension RedisAdapter {
    /// Sends an event to the described sockets of all servers.
    public func broadcast(_ event: Payload, options: BroadcastOptions) {
        local.broadcast(event, options: options)
        guard !options.flags.local else { return }
        publish(to: channels.broadcast(to: options.rooms)) {
            try BroadcastMessage.encode(event, options: options, uid: uid, namespace: namespace)
        }
    }

    /// Sends an event and gathers the acknowledgements of all servers' clients.
    ///
    /// Without `flags.timeout` it gathers for `requestsTimeout`.
    public func broadcast(
        _ event: Payload,
        options: BroadcastOptions,
        clientCount: @escaping @Sendable (Int) -> Void,
        acknowledgement: @escaping @Sendable (Payload) -> Void
    ) {
        if !options.flags.local {
            let id = ShortID.make()
            pending.add(id, timeout: options.flags.timeout ?? self.options.requestsTimeout) { response in
                switch response.kind {
                case .broadcastClientCount: if let count = response.clientCount { clientCount(max(0, count)) }
                case .broadcastAcknowledgement: if let packet = response.packet { acknowledgement(packet) }
                default: self.count(\.malformed)
                }
                return false
            }
            // On the request channel even for one room, since every server has to answer with its count.
            publish(.broadcast(event, options), id: id)
        }
        local.broadcast(event, options: options, clientCount: clientCount, acknowledgement: acknowledgement)
    }

    /// Encodes and publishes. The encoding fails only for an event that is not JSON, which is this server's mistake
    /// and must not end it.
    func publish(to channel: String, _ encode: () throws -> ByteBuffer) {
        do {
            redis.publish(try encode(), to: channel)
        } catch {
            count(\.unencodable)
            logger.debug("cannot encode a message for Redis", metadata: ["error": "\(error)"])
        }
    }

    /// Publishes a request of this server; with `id`, answers to it are wanted.
    func publish(_ body: ClusterRequest.Body, id: String? = nil) {
        publish(to: channels.request) {
            try ClusterRequest(uid: uid, requestID: id, body: body).encode(namespace: namespace)
        }
    }

    func receiveBroadcast(_ payload: ByteBuffer, on channel: ByteBuffer) {
        switch channels.audience(of: channel) {
        case .nobody: return
        case .everybody: break
        case .room(let room):
            // Most messages of a large fleet are for rooms of others: those cost no decoding.
            guard local.isOccupied(room) else { return count(\.unoccupied) }
        }
        do throws(CodecError) {
            guard let message = try BroadcastMessage.decode(payload, uid: uid, namespace: namespace) else { return }
            count(\.received)
            local.broadcast(message.event, options: message.options)
        } catch {
            drop(error)
        }
    }

    func drop(_ error: any Error) {
        count(\.malformed)
        logger.debug("dropped a message from Redis", metadata: ["error": "\(error)", "namespace": "\(namespace)"])
    }
}
