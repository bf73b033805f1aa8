internal import Logging
internal import NIOCore
internal import Redis
public import SocketIO

extension RedisAdapter {
    /// Sends an event to the described sockets of all servers.
    public func broadcast(_ event: Payload, options: BroadcastOptions) {
        local.broadcast(event, options: options)
        guard !options.flags.local else { return }
        publish { try wire.broadcast(event, options) }
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
            let id = wire.makeRequestID()
            pending.add(id, timeout: options.flags.timeout ?? self.options.requestsTimeout) { response in
                switch response.kind {
                case .broadcastClientCount: if let count = response.clientCount { clientCount(max(0, count)) }
                // A client that acknowledged with nothing has acknowledged.
                case .broadcastAcknowledgement: acknowledgement(response.packet ?? .null)
                default: self.count(\.malformed)
                }
                return false
            }
            // Not on the channel of a room, since every server has to answer with its count.
            publish(.broadcast(event, options), id: id)
        }
        local.broadcast(event, options: options, clientCount: clientCount, acknowledgement: acknowledgement)
    }

    /// Encodes and publishes. The encoding fails only for an event that is not JSON, which is this server's mistake
    /// and must not end it.
    func publish(_ encode: () throws -> Outgoing) {
        do {
            let message = try encode()
            redis.publish(message.payload, to: message.channel, sharded: wire.isSharded)
        } catch {
            count(\.unencodable)
            logger.debug("cannot encode a message for Redis", metadata: ["error": "\(error)"])
        }
    }

    /// Publishes a request of this server; with `id`, answers to it are wanted.
    func publish(_ body: ClusterRequest.Body, id: String? = nil) {
        publish { try wire.request(body, id: id) }
    }
}
