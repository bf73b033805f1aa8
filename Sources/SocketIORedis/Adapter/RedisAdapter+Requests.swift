internal import Redis
public import SocketIO
internal import Synchronization

// What this server asks of the others. Node applies a join, a leave or a disconnect when its own request comes back to
// it from Redis. Here the local sockets are served at once and the own request is ignored: the same end, but a socket
// that joined a room hears the next broadcast to it, and Redis may be away.
extension RedisAdapter {
    /// Makes the described sockets of all servers join `rooms`.
    public func addSockets(_ options: BroadcastOptions, to rooms: [Room]) {
        local.addSockets(options, to: rooms)
        if !options.flags.local { publish(.join(options, rooms: rooms)) }
    }

    /// Makes the described sockets of all servers leave `rooms`.
    public func removeSockets(_ options: BroadcastOptions, from rooms: [Room]) {
        local.removeSockets(options, from: rooms)
        if !options.flags.local { publish(.leave(options, rooms: rooms)) }
    }

    /// Disconnects the described sockets of all servers.
    public func disconnectSockets(_ options: BroadcastOptions, closeTransport: Bool) {
        local.disconnectSockets(options, closeTransport: closeTransport)
        if !options.flags.local { publish(.disconnect(options, close: closeTransport)) }
    }

    /// Sends an event to the other servers.
    public func serverSideEmit(_ event: Payload) { publish(.serverSideEmit(event)) }

    /// Sends an event to the other servers and gathers their answers, as far as they come in time.
    public func serverSideEmitWithAck(_ event: Payload) async -> FleetAnswer<[Payload]> {
        await gather([], .serverSideEmit(event)) { answers, response in
            guard response.isServerSideAnswer else { return false }
            // A listener that answered with nothing has answered.
            answers.append(response.data ?? .null)
            return true
        }
    }

    /// The described sockets of all servers, as far as they answered in time.
    public func fetchSockets(_ options: BroadcastOptions) async -> FleetAnswer<[RemoteSocket]> {
        let own = await local.fetchSockets(options)
        if options.flags.local { return own }
        return await gather(own.value, .fetch(options)) { sockets, response in
            guard let others = response.sockets else { return false }
            sockets.append(contentsOf: others)
            return true
        }
    }

    /// The occupied rooms of all servers, as far as they answered in time.
    public func allRooms() async -> FleetAnswer<Set<Room>> {
        await gather(await local.allRooms().value, .allRooms) { [wire] rooms, response in
            if let others = response.rooms {
                rooms.formUnion(others)
            } else if wire.isSharded, let sockets = response.sockets {
                for socket in sockets { rooms.formUnion(socket.rooms) }
            } else {
                return false
            }
            return true
        }
    }

    /// How many servers listen to requests in this namespace, this one included; when Redis cannot be asked, how many
    /// there were at the last time.
    public func serverCount() async -> Int {
        await countServers() ?? lastServerCount.load(ordering: .relaxed)
    }

    private func countServers() async -> Int? {
        guard
            let reply = try? await redis.command(
                wire.countCommand[0],
                arguments: Array(wire.countCommand.dropFirst()),
                atNodeOf: wire.isSharded ? wire.countCommand.last : nil
            ),
            let number = reply.array?.last?.integer
        else { return nil }
        let count = max(1, number)
        lastServerCount.store(count, ordering: .relaxed)
        return count
    }

    /// Asks the other servers and joins their answers to `own` until all have come or the time is over.
    ///
    /// - Parameter merge: Returns false when the answer is not one to this question.
    private func gather<Value: Sendable>(
        _ own: Value,
        _ body: ClusterRequest.Body,
        merge: @escaping @Sendable (inout Value, ClusterResponse) -> Bool
    ) async -> FleetAnswer<Value> {
        guard let servers = await countServers() else {
            // An event is still to be heard when Redis is back; a question is not.
            if case .serverSideEmit = body { publish(body) }
            // At least one is missing: Redis is there for the sake of the others.
            return FleetAnswer(own, missingServers: max(1, lastServerCount.load(ordering: .relaxed) - 1))
        }
        guard servers > 1 else { return FleetAnswer(own) }
        let id = wire.makeRequestID()
        let gathering = Gathering(FleetAnswer(own, missingServers: servers - 1))
        pending.add(id, timeout: options.requestsTimeout) { response in
            gathering.update { answer in
                guard answer.missingServers > 0, merge(&answer.value, response) else {
                    self.count(\.malformed)
                    return answer.missingServers == 0
                }
                answer.missingServers -= 1
                return answer.missingServers == 0
            }
        } ended: {
            gathering.end()
        }
        publish(body, id: id)
        return await gathering.result()
    }
}

/// An answer that grows until it is ended, and one task that waits for that.
private final class Gathering<Value: Sendable>: Sendable {
    private struct State {
        var answer: FleetAnswer<Value>
        var hasEnded = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(_ answer: FleetAnswer<Value>) { state = Mutex(State(answer: answer)) }

    func update(_ change: (inout FleetAnswer<Value>) -> Bool) -> Bool {
        state.withLock { change(&$0.answer) }
    }

    func end() {
        let waiter = state.withLock { state in
            state.hasEnded = true
            return state.waiter.take()
        }
        waiter?.resume()
    }

    func result() async -> FleetAnswer<Value> {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waiter = continuation }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
        return state.withLock { $0.answer }
    }
}
