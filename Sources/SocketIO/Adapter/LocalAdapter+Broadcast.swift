import EngineIO
import NIOCore
import Synchronization

extension LocalAdapter {
    /// How long a broadcast waits for acknowledgements when it does not say.
    public static let acknowledgementTimeout = Duration.seconds(5)

    /// Sends an event to the described sockets of this process.
    public func broadcast(_ event: Payload, options: BroadcastOptions) {
        // What may be lost is not remembered either.
        guard let recovery, !options.flags.volatile else {
            return send(PacketEncoder.event(event, namespace: namespace), options)
        }
        recovery.remembering(event, options) { event in
            send(PacketEncoder.event(event, namespace: namespace), options)
        }
    }

    /// Sends an event to one socket of this process.
    func emit(_ event: Payload, to socket: Socket, volatile: Bool) {
        guard let recovery, !volatile else {
            return socket.send(PacketEncoder.event(event, namespace: namespace), volatile: volatile)
        }
        recovery.remembering(event, BroadcastOptions(rooms: [Room(socket.id)])) { event in
            // A handler may hold the socket of before, while the client has come back and has another one.
            (self.socket(socket.id) ?? socket).send(PacketEncoder.event(event, namespace: namespace))
        }
    }

    private func send(_ packets: [OutboundPacket], _ options: BroadcastOptions) {
        mailboxes.inOrder { order in
            if options.rooms.isEmpty || options.rooms.contains(where: index.isOccupied) {
                order.postToAll { [shards] context in
                    let shard = shards[context.index]
                    var count = 0
                    shard.index.forEach(options) { socket in
                        socket.connection.enqueue(packets, volatile: options.flags.volatile, in: context)
                        count += 1
                    }
                    shard.deliveries.wrappingAdd(count, ordering: .relaxed)
                }
            }
        }
    }

    /// Sends an event to the described sockets of this process and gathers their answers.
    ///
    /// It is encoded once, with one acknowledgement id for all, and has one deadline.
    public func broadcast(
        _ event: Payload,
        options: BroadcastOptions,
        clientCount: @escaping @Sendable (Int) -> Void,
        acknowledgement: @escaping @Sendable (Payload) -> Void
    ) {
        let id = nextAcknowledgementID()
        let sockets = mailboxes.inOrder { _ in
            let sockets = selectInOrder(options)
            for socket in sockets {
                socket.expectAcknowledgement(id) { result in
                    if case .success(let arguments) = result { acknowledgement(arguments.firstElement) }
                }
            }
            return sockets
        }
        clientCount(sockets.count)
        guard !sockets.isEmpty else { return }
        let packets = PacketEncoder.event(event, namespace: namespace, id: id)
        mailboxes.inOrder { order in
            for (home, sockets) in Dictionary(grouping: sockets, by: \.connection.home) {
                order.post(to: home) { context in
                    for socket in sockets { socket.connection.enqueue(packets, volatile: false, in: context) }
                }
            }
        }
        let timeout = options.flags.timeout ?? Self.acknowledgementTimeout
        mailboxes.loops[0].scheduleTask(in: TimeAmount(timeout)) {
            for socket in sockets { socket.settle(id, .failure(.timeout)) }
        }
    }
}
