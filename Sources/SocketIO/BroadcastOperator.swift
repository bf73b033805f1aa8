import Synchronization

/// Addresses a set of sockets step by step, then does something with them. A value: each step returns a new one.
public struct BroadcastOperator: Sendable {
    let adapter: any Adapter
    let options: BroadcastOptions

    private func with(_ change: (inout BroadcastOptions) -> Void) -> BroadcastOperator {
        var options = options
        change(&options)
        return BroadcastOperator(adapter: adapter, options: options)
    }

    // MARK: Whom

    /// Adds rooms to the union that is addressed.
    public func to(_ rooms: [Room]) -> BroadcastOperator {
        with { for room in rooms where !$0.rooms.contains(room) { $0.rooms.append(room) } }
    }

    /// Adds rooms to the union that is addressed.
    public func to(_ rooms: Room...) -> BroadcastOperator { to(rooms) }

    /// Leaves out the sockets in these rooms.
    public func except(_ rooms: Room...) -> BroadcastOperator { except(rooms) }

    /// Leaves out the sockets in these rooms.
    public func except(_ rooms: [Room]) -> BroadcastOperator {
        with { for room in rooms where !$0.except.contains(room) { $0.except.append(room) } }
    }

    /// Drops the event for clients that cannot take it right now.
    public var volatile: BroadcastOperator { with { $0.flags.volatile = true } }

    /// Stays on this server.
    public var local: BroadcastOperator { with { $0.flags.local = true } }

    /// Limits how long acknowledgements are waited for.
    public func timeout(_ timeout: Duration) -> BroadcastOperator { with { $0.flags.timeout = timeout } }

    // MARK: What

    /// Sends an event.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded.
    public func emit<each Item: Encodable>(_ event: String, _ items: repeat each Item) throws {
        emit(try PayloadCoding.array(event, repeat each items))
    }

    /// Sends an event as it is: `["name",arg,…]`.
    public func emit(_ event: Payload) {
        adapter.broadcast(event, options: options)
    }

    /// The addressed sockets on every server.
    public func fetchSockets() async -> FleetAnswer<[RemoteSocket]> { await adapter.fetchSockets(options) }

    /// Makes the addressed sockets join rooms.
    public func socketsJoin(_ rooms: Room...) { adapter.addSockets(options, to: rooms) }

    /// Makes the addressed sockets leave rooms.
    public func socketsLeave(_ rooms: Room...) { adapter.removeSockets(options, from: rooms) }

    /// Disconnects the addressed sockets; with `closeTransport` their connections.
    public func disconnectSockets(closeTransport: Bool = false) {
        adapter.disconnectSockets(options, closeTransport: closeTransport)
    }
}
