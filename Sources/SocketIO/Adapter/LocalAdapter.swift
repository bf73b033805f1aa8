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
    let mailboxes: LoopMailboxes
    let shards: [RoomShard]
    /// Touched inside `LoopMailboxes.inOrder` only.
    nonisolated(unsafe) var index = RoomIndex()
    /// Told of rooms that fill and empty. Touched inside `LoopMailboxes.inOrder` only.
    private nonisolated(unsafe) var roomObserver: (@Sendable (Room, Bool) -> Void)?
    let recovery: RecoveryStore?
    private let acknowledgementID = Atomic(0)

    init(mailboxes: LoopMailboxes, namespace: String, recovery: ConnectionStateRecovery? = nil) {
        self.mailboxes = mailboxes
        self.namespace = namespace
        self.recovery = recovery.map { RecoveryStore($0) }
        shards = mailboxes.loops.map { _ in RoomShard() }
    }

    /// Names an event whose answer is awaited; unique in the namespace, so that one id can serve a whole broadcast.
    func nextAcknowledgementID() -> Int {
        acknowledgementID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    // MARK: Membership

    /// Makes a socket known.
    func add(_ socket: Socket, to rooms: Set<Room> = []) {
        mailboxes.inOrder { order in
            socket.isMember = true
            socket.joinedRooms = rooms
            socket.connection.follow(socket, in: order)
            changeIndex(rooms.union([Room(socket.id)])) { $0.add(socket, to: rooms) }
            onHome(of: socket, &order) { $0.add(socket, to: rooms) }
        }
    }

    /// Forgets a socket, or keeps it for its client to come back where that may be; false when it was not known.
    func remove(_ socket: Socket, isRecoverable: Bool) -> Bool {
        let rooms = mailboxes.inOrder { order -> Set<Room>? in
            guard socket.isMember else { return nil }
            socket.isMember = false
            socket.connection.unfollow(socket, in: order)
            let rooms = socket.joinedRooms
            socket.joinedRooms = []
            changeIndex(rooms.union([Room(socket.id)])) { $0.remove(socket, from: rooms) }
            onHome(of: socket, &order) { $0.remove(socket, from: rooms) }
            return rooms
        }
        guard let rooms else { return false }
        if isRecoverable { keep(socket, in: rooms) }
        return true
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
        changeIndex(entered) { $0.enter(socket, entered) }
        onHome(of: socket, &order) { $0.enter(socket, entered) }
    }

    private func exit(_ socket: Socket, _ rooms: [Room], _ order: inout LoopMailboxes.Order) {
        let left = rooms.filter { socket.joinedRooms.remove($0) != nil }
        changeIndex(left) { $0.leave(socket, left) }
        onHome(of: socket, &order) { $0.leave(socket, left) }
    }

    /// Changes who is in `rooms`, and tells the observer which of them that filled or emptied.
    private func changeIndex(_ rooms: some Sequence<Room>, _ change: (inout RoomIndex) -> Void) {
        guard let roomObserver else { return change(&index) }
        let before = rooms.map { ($0, index.isOccupied($0)) }
        change(&index)
        for (room, wasOccupied) in before {
            let isOccupied = index.isOccupied(room)
            if isOccupied != wasOccupied { roomObserver(room, isOccupied) }
        }
    }

    private func onHome(
        of socket: Socket,
        _ order: inout LoopMailboxes.Order,
        _ change: @escaping @Sendable (inout RoomIndex) -> Void
    ) {
        let shard = shards[socket.connection.home]
        order.post(to: socket.connection.home) { _ in change(&shard.index) }
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
    func select(_ options: BroadcastOptions) -> [Socket] {
        mailboxes.inOrder { _ in selectInOrder(options) }
    }

    func selectInOrder(_ options: BroadcastOptions) -> [Socket] {
        var selected: [Socket] = []
        index.forEach(options) { selected.append($0) }
        return selected
    }

    // MARK: Adapter

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
    public func serverSideEmit(_ event: Payload) {}

    /// Nobody answers, and nobody is missing: there is no other server.
    public func serverSideEmitWithAck(_ event: Payload) async -> FleetAnswer<[Payload]> { FleetAnswer([]) }

    /// One.
    public func serverCount() async -> Int { 1 }

    /// Whether a socket of this process is in the room.
    public func isOccupied(_ room: Room) -> Bool {
        mailboxes.inOrder { _ in index.isOccupied(room) }
    }

    /// Tells of rooms that get their first socket of this process or lose their last; the last observer is told.
    public func observeRooms(_ observer: @escaping @Sendable (Room, _ isOccupied: Bool) -> Void) {
        mailboxes.inOrder { _ in
            roomObserver = observer
            for room in index.allRooms { observer(room, true) }
        }
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
        RemoteSocket(id: id, handshake: handshake.json, rooms: Array(rooms), data: data.json)
    }
}
