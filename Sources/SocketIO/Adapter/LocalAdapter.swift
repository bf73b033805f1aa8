public import EngineIO
import NIOCore
import Synchronization

/// Serves the sockets of this process.
///
/// Who is in what is decided in the mailboxes' order; each event loop follows with an index of its own sockets, so a
/// broadcast is one hop per loop, with the encoded packets shared. That is why a socket that joined hears the next
/// broadcast, and one whose session moves between loops hears each exactly once.
public final class LocalAdapter: Adapter {
    let namespace: String
    private let mailboxes: LoopMailboxes
    private let shards: [RoomShard]
    /// Touched inside `LoopMailboxes.inOrder` only.
    private nonisolated(unsafe) var index = RoomIndex()

    /// How long a broadcast waits for acknowledgements when it does not say.
    static let acknowledgementTimeout = Duration.seconds(5)

    init(mailboxes: LoopMailboxes, namespace: String) {
        self.mailboxes = mailboxes
        self.namespace = namespace
        shards = mailboxes.loops.map { _ in RoomShard() }
    }

    // MARK: Membership

    /// Makes a socket known.
    func add(_ socket: Socket) {
        mailboxes.inOrder { order in
            socket.isMember = true
            socket.session.follow(socket, in: order)
            index.add(socket, to: [])
            onHome(of: socket, &order) { $0.add(socket, to: []) }
        }
    }

    /// Forgets a socket; false when it was not known.
    func remove(_ socket: Socket) -> Bool {
        mailboxes.inOrder { order in
            guard socket.isMember else { return false }
            socket.isMember = false
            socket.session.unfollow(socket, in: order)
            let rooms = socket.joinedRooms
            socket.joinedRooms = []
            index.remove(socket, from: rooms)
            onHome(of: socket, &order) { $0.remove(socket, from: rooms) }
            return true
        }
    }

    func join(_ socket: Socket, _ rooms: [Room]) {
        mailboxes.inOrder { order in enter(socket, rooms, &order) }
    }

    func leave(_ socket: Socket, _ rooms: [Room]) {
        mailboxes.inOrder { order in exit(socket, rooms, &order) }
    }

    private func enter(_ socket: Socket, _ rooms: [Room], _ order: inout LoopMailboxes.Order) {
        // Handlers may still run after their socket has gone; a late join would never be undone.
        guard socket.isMember else { return }
        let entered = rooms.filter { $0.name != socket.id && socket.joinedRooms.insert($0).inserted }
        index.enter(socket, entered)
        onHome(of: socket, &order) { $0.enter(socket, entered) }
    }

    private func exit(_ socket: Socket, _ rooms: [Room], _ order: inout LoopMailboxes.Order) {
        let left = rooms.filter { socket.joinedRooms.remove($0) != nil }
        index.leave(socket, left)
        onHome(of: socket, &order) { $0.leave(socket, left) }
    }

    private func onHome(
        of socket: Socket,
        _ order: inout LoopMailboxes.Order,
        _ change: @escaping @Sendable (inout RoomIndex) -> Void
    ) {
        let shard = shards[socket.session.home]
        order.post(to: socket.session.home) { _ in change(&shard.index) }
    }

    /// Takes a socket along when its session moves to another loop.
    func move(
        _ socket: Socket,
        from origin: LoopMailboxes.Index,
        to destination: LoopMailboxes.Index,
        in order: inout LoopMailboxes.Order
    ) {
        let rooms = socket.joinedRooms
        let (old, new) = (shards[origin], shards[destination])
        order.post(to: origin) { _ in old.index.remove(socket, from: rooms) }
        order.post(to: destination) { _ in new.index.add(socket, to: rooms) }
    }

    // MARK: Looking up

    /// How many sockets are connected.
    var socketCount: Int { mailboxes.inOrder { _ in index.count } }

    /// How many sockets broadcasts went out to since the start, each time counted.
    public var deliveryCount: Int { shards.reduce(0) { $0 + $1.deliveries.load(ordering: .relaxed) } }

    /// The connected sockets.
    public var sockets: [Socket] { select(BroadcastOptions()) }

    /// The socket with this id.
    func socket(_ id: String) -> Socket? { mailboxes.inOrder { _ in index[id] } }

    /// The rooms that sockets of this process joined; their own are not among them.
    public var joinedRooms: [Room] { mailboxes.inOrder { _ in index.joinedRooms } }

    /// The sockets that the options describe.
    private func select(_ options: BroadcastOptions) -> [Socket] {
        mailboxes.inOrder { _ in selectInOrder(options) }
    }

    private func selectInOrder(_ options: BroadcastOptions) -> [Socket] {
        var selected: [Socket] = []
        index.forEach(options) { selected.append($0) }
        return selected
    }

    // MARK: Adapter

    /// Sends an event to the described sockets of this process.
    public func broadcast(_ event: Payload, options: BroadcastOptions) {
        send(PacketEncoder.event(event, namespace: namespace), options)
    }

    private func send(_ packets: [OutboundPacket], _ options: BroadcastOptions) {
        mailboxes.inOrder { order in
            if options.rooms.isEmpty || options.rooms.contains(where: index.isOccupied) {
                order.postToAll { [shards] context in
                    let shard = shards[context.index]
                    var count = 0
                    shard.index.forEach(options) { socket in
                        socket.session.enqueue(packets, volatile: options.flags.volatile, in: context)
                        count += 1
                    }
                    shard.deliveries.wrappingAdd(count, ordering: .relaxed)
                }
            }
        }
    }

    /// Sends an event to the described sockets of this process and gathers their answers.
    public func broadcast(
        _ event: Payload,
        options: BroadcastOptions,
        clientCount: @escaping @Sendable (Int) -> Void,
        acknowledgement: @escaping @Sendable (Payload) -> Void
    ) {
        let sockets = select(options)
        clientCount(sockets.count)
        for socket in sockets {
            socket.emit(event, timeout: options.flags.timeout ?? Self.acknowledgementTimeout) { result in
                if case .success(let arguments) = result { acknowledgement(arguments.firstElement) }
            }
        }
    }

    /// The described sockets of this process.
    public func fetchSockets(_ options: BroadcastOptions) async -> FleetAnswer<[RemoteSocket]> {
        FleetAnswer(select(options).map(\.description))
    }

    /// The rooms of this process that hold at least one socket.
    public func allRooms() async -> FleetAnswer<Set<Room>> {
        FleetAnswer(mailboxes.inOrder { _ in index.allRooms })
    }

    /// Makes the described sockets of this process join rooms.
    public func addSockets(_ options: BroadcastOptions, to rooms: [Room]) {
        mailboxes.inOrder { order in
            for socket in selectInOrder(options) { enter(socket, rooms, &order) }
        }
    }

    /// Makes the described sockets of this process leave rooms.
    public func removeSockets(_ options: BroadcastOptions, from rooms: [Room]) {
        mailboxes.inOrder { order in
            for socket in selectInOrder(options) { exit(socket, rooms, &order) }
        }
    }

    /// Disconnects the described sockets of this process.
    public func disconnectSockets(_ options: BroadcastOptions, closeTransport: Bool) {
        for socket in select(options) { socket.disconnect(closeTransport: closeTransport) }
    }

    /// Does nothing: there is no other server.
    public func serverSideEmit(_ event: Payload, reply: (@Sendable (Payload) -> Void)?) {}

    /// One.
    public func serverCount() async -> Int { 1 }

    /// Whether a socket of this process is in the room.
    public func isOccupied(_ room: Room) -> Bool {
        mailboxes.inOrder { _ in index.isOccupied(room) }
    }

    /// Has nothing to end.
    public func close() async {}
}

extension Socket: EngineSessionFollower {
    /// Moves the socket's memberships along.
    public func sessionMoves(
        from origin: LoopMailboxes.Index,
        to destination: LoopMailboxes.Index,
        in order: inout LoopMailboxes.Order
    ) {
        namespace.local.move(self, from: origin, to: destination, in: &order)
    }

    fileprivate var description: RemoteSocket {
        RemoteSocket(id: id, handshake: handshake.json, rooms: Array(rooms), data: .init(string: "{}"))
    }
}
