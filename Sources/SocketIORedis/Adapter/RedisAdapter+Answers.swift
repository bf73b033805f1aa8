internal import Logging
internal import NIOCore
internal import SocketIO
internal import Synchronization

// What other servers ask of this one, and their answers.
extension RedisAdapter {
    /// Takes a message from Redis, which is hostile until it has been read.
    func receive(_ payload: ByteBuffer, on channel: ByteBuffer, as content: Listening.Content) {
        do {
            let incoming = try wire.read(
                payload,
                on: channel,
                as: content,
                isOccupied: local.isOccupied,
                isAwaited: pending.contains
            )
            switch incoming {
            case .broadcast(let event, let options):
                count(\.received)
                local.broadcast(event, options: options)
            case .request(let request): perform(request)
            case .response(let response): pending.receive(response)
            case .unoccupied: count(\.unoccupied)
            // The own requests come back too; the local sockets were served when they were made.
            case .ignored: break
            }
        } catch {
            count(\.malformed)
            logger.debug("dropped a message from Redis", metadata: ["error": "\(error)", "namespace": "\(namespace)"])
        }
    }

    private func perform(_ request: ClusterRequest) {
        switch request.body {
        case .join(let options, let rooms):
            confirmIfLegacy(request, options)
            local.addSockets(options, to: rooms)
        case .leave(let options, let rooms):
            confirmIfLegacy(request, options)
            local.removeSockets(options, from: rooms)
        case .disconnect(let options, let close):
            confirmIfLegacy(request, options)
            local.disconnectSockets(options, closeTransport: close)
        case .serverSideEmit(let event):
            receiver.receiveServerSideEvent(event, reply: serverSideReply(to: request))
        case .broadcast(let event, let options):
            deliver(event, options, request)
        case .allRooms:
            answer(request) { adapter in
                .rooms(await adapter.local.allRooms().value.sorted { $0.name < $1.name })
            }
        case .fetch(let options):
            answer(request) { adapter in
                .sockets(await adapter.local.fetchSockets(options).value)
            }
        case .sockets(let rooms):
            answer(request) { adapter in
                .socketIDs(await adapter.local.fetchSockets(BroadcastOptions(rooms: rooms)).value.map(\.id))
            }
        }
    }

    /// Old peers name one socket, and its server confirms.
    private func confirmIfLegacy(_ request: ClusterRequest, _ options: BroadcastOptions) {
        guard request.isLegacy, let id = request.requestID, options.rooms.contains(where: local.isOccupied) else {
            return
        }
        answer(request, id, .confirmation)
    }

    private func deliver(_ event: Payload, _ options: BroadcastOptions, _ request: ClusterRequest) {
        guard let id = request.requestID else { return local.broadcast(event, options: options) }
        local.broadcast(event, options: options) { count in
            self.answer(request, id, .clientCount(count))
        } acknowledgement: { packet in
            self.answer(request, id, .acknowledgement(packet))
        }
    }

    private func serverSideReply(to request: ClusterRequest) -> (@Sendable (Payload) -> Void)? {
        guard let id = request.requestID else { return nil }
        let once = OnceFlag()
        return { data in
            if once.isFirst() { self.answer(request, id, .serverSide(data)) }
        }
    }

    /// Answers with what the local adapter is asked for.
    ///
    /// The task is unstructured because the request comes from a callback of the event loop. It waits for local
    /// sockets only, and the number of such tasks is bounded.
    private func answer(
        _ request: ClusterRequest,
        _ make: @escaping @Sendable (RedisAdapter) async -> ClusterAnswer
    ) {
        guard let id = request.requestID else { return }
        guard requestsInWork.add(1, ordering: .relaxed).newValue <= Self.requestsInWorkMax else {
            requestsInWork.subtract(1, ordering: .relaxed)
            return count(\.overloaded)
        }
        Task {
            answer(request, id, await make(self))
            requestsInWork.subtract(1, ordering: .relaxed)
        }
    }

    private func answer(_ request: ClusterRequest, _ id: String, _ answer: ClusterAnswer) {
        publish { try wire.answer(answer, to: request, id: id) }
    }
}

/// Says yes once: a listener that answers twice has answered once.
private final class OnceFlag: Sendable {
    private let isUsed = Atomic(false)

    func isFirst() -> Bool { !isUsed.exchange(true, ordering: .relaxed) }
}
