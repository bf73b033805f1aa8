extension Namespace {
    /// Addresses every socket of the namespace, on every server.
    public var all: BroadcastOperator { BroadcastOperator(adapter: adapter, options: BroadcastOptions()) }

    /// Addresses the sockets in at least one of the rooms.
    public func to(_ rooms: Room...) -> BroadcastOperator { all.to(rooms) }

    /// Addresses the sockets in none of the rooms.
    public func except(_ rooms: Room...) -> BroadcastOperator { all.except(rooms) }

    /// Addresses the sockets that can take an event right now.
    public var volatile: BroadcastOperator { all.volatile }

    /// Sends an event to every socket of the namespace.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded.
    public func emit<each Item: Encodable>(_ event: String, _ items: repeat each Item) throws {
        try all.emit(event, repeat each items)
    }

    /// Every socket of the namespace, on every server.
    public func fetchSockets() async -> FleetAnswer<[RemoteSocket]> { await all.fetchSockets() }

    /// Sends an event to the other servers of the fleet; their `onServerSideEvent` handlers get it.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded.
    public func serverSideEmit<each Item: Encodable>(_ event: String, _ items: repeat each Item) throws {
        adapter.serverSideEmit(try PayloadCoding.array(event, repeat each items))
    }

    /// Sends an event to the other servers of the fleet and gathers their answers, each one JSON value, as far as they
    /// come in time.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded.
    public func serverSideEmitWithAck<each Item: Encodable>(
        _ event: String,
        _ items: repeat each Item
    ) async throws -> FleetAnswer<[Payload]> {
        await adapter.serverSideEmitWithAck(try PayloadCoding.array(event, repeat each items))
    }
}
