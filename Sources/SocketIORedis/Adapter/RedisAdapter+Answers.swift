internal import NIOCore
internal import SocketIO
internal import Synchronization

// What other servers ask of this one, and their answers.
extension RedisAdapter {
    func receiveRequest(_ payload: ByteBuffer) {
        do {
            guard let request = try ClusterRequest.decode(payload, namespace: namespace) else { return }
            // The own requests come back; the local sockets were served when they were made.
            if request.uid != uid { perform(request) }
        } catch {
            drop(error)
        }
    }

    func receiveResponse(_ payload: ByteBuffer) {
        do {
            // Without the specific channel every server hears every answer.
            if let response = try ClusterResponse.decode(payload, isWanted: pending.contains) {
                pending.receive(response)
            }
        } catch {
            drop(error)
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
            answer(request) { adapter, id in
                let rooms = await adapter.local.allRooms().value
                return ClusterResponse.rooms(rooms.sorted { $0.name < $1.name }, requestID: id)
            }
        case .fetch(let options):
            answer(request) { adapter, id in
                ClusterResponse.sockets(await adapter.local.fetchSockets(options).value, requestID: id)
            }
        case .sockets(let rooms):
            answer(request) { adapter, id in
                let sockets = await adapter.local.fetchSockets(BroadcastOptions(rooms: rooms)).value
                return ClusterResponse.socketIDs(sockets.map(\.id), requestID: id)
            }
        }
    }

    /// Old peers name one socket, and its server confirms.
    private func confirmIfLegacy(_ request: ClusterRequest, _ options: BroadcastOptions) {
        guard request.isLegacy, let id = request.requestID, options.rooms.contains(where: local.isOccupied) else {
            return
        }
        respond(to: request) { ClusterResponse.confirmation(requestID: id) }
    }

    private func deliver(_ event: Payload, _ options: BroadcastOptions, _ request: ClusterRequest) {
        guard let id = request.requestID else { return local.broadcast(event, options: options) }
        local.broadcast(event, options: options) { count in
            self.respond(to: request) { ClusterResponse.clientCount(count, requestID: id) }
        } acknowledgement: { packet in
            self.respond(to: request) { try ClusterResponse.acknowledgement(packet, requestID: id) }
        }
    }

    /// The answer to a server-side event goes to the shared channel whatever the options say, as Node's does.
    private func serverSideReply(to request: ClusterRequest) -> (@Sendable (Payload) -> Void)? {
        guard let id = request.requestID else { return nil }
        let once = OnceFlag()
        return { data in
            guard once.isFirst() else { return }
            self.publish(to: self.channels.response) {
                try ClusterResponse.serverSideAnswer(data, requestID: id)
            }
        }
    }

    /// Answers with what the local adapter is asked for.
    ///
    /// The task is unstructured because the request comes from a callback of the event loop. It waits for local
    /// sockets only, and the number of such tasks is bounded.
    private func answer(
        _ request: ClusterRequest,
        _ make: @escaping @Sendable (RedisAdapter, String) async -> ByteBuffer
    ) {
        guard let id = request.requestID else { return }
        guard requestsInWork.add(1, ordering: .relaxed).newValue <= Self.requestsInWorkMax else {
            requestsInWork.subtract(1, ordering: .relaxed)
            return count(\.overloaded)
        }
        Task {
            let response = await make(self, id)
            respond(to: request) { response }
            requestsInWork.subtract(1, ordering: .relaxed)
        }
    }

    private func respond(to request: ClusterRequest, _ encode: () throws -> ByteBuffer) {
        let specific = options.publishOnSpecificResponseChannel ? request.uid : nil
        publish(to: specific.map(channels.response(to:)) ?? channels.response, encode)
    }
}

/// Says yes once: a listener that answers twice has answered once.
private final class OnceFlag: Sendable {
    private let isUsed = Atomic(false)

    func isFirst() -> Bool { !isUsed.exchange(true, ordering: .relaxed) }
}
