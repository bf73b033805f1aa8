import Synchronization

/// Which sockets are in which rooms.
///
/// A socket's own room is not stored as one: that would double what an idle socket costs.
struct RoomIndex {
    private var sockets: [String: Socket] = [:]
    private var members: [Room: Set<Socket>] = [:]

    var count: Int { sockets.count }

    subscript(id: String) -> Socket? { sockets[id] }

    mutating func add(_ socket: Socket, to rooms: some Sequence<Room>) {
        sockets[socket.id] = socket
        enter(socket, rooms)
    }

    mutating func remove(_ socket: Socket, from rooms: some Sequence<Room>) {
        sockets[socket.id] = nil
        leave(socket, rooms)
    }

    mutating func enter(_ socket: Socket, _ rooms: some Sequence<Room>) {
        for room in rooms { members[room, default: []].insert(socket) }
    }

    mutating func leave(_ socket: Socket, _ rooms: some Sequence<Room>) {
        for room in rooms {
            members[room]?.remove(socket)
            if members[room]?.isEmpty == true { members[room] = nil }
        }
    }

    func isOccupied(_ room: Room) -> Bool {
        members[room] != nil || sockets[room.name] != nil
    }

    /// The rooms that sockets joined.
    var joinedRooms: [Room] { Array(members.keys) }

    /// Every room that holds a socket, the sockets' own included.
    var allRooms: Set<Room> {
        Set(members.keys).union(sockets.keys.map { Room($0) })
    }

    /// Calls `body` once for each socket that the options describe.
    func forEach(_ options: BroadcastOptions, _ body: (Socket) -> Void) {
        switch options.rooms.count {
        case 0:
            for socket in sockets.values where !isExcepted(socket, options) { body(socket) }
        case 1:
            forEach(in: options.rooms[0]) { if !isExcepted($0, options) { body($0) } }
        default:
            // A socket that is in several of the rooms still hears once.
            var seen: Set<Socket> = []
            for room in options.rooms {
                forEach(in: room) { if !isExcepted($0, options), seen.insert($0).inserted { body($0) } }
            }
        }
    }

    private func forEach(in room: Room, _ body: (Socket) -> Void) {
        let own = sockets[room.name]
        if let own { body(own) }
        for socket in members[room] ?? [] where socket !== own { body(socket) }
    }

    private func isExcepted(_ socket: Socket, _ options: BroadcastOptions) -> Bool {
        options.except.contains { $0.name == socket.id || members[$0]?.contains(socket) == true }
    }
}

/// The sockets of one event loop. Confined to it.
final class RoomShard: @unchecked Sendable {
    var index = RoomIndex()
    /// How many sockets broadcasts went out to, each time counted. Read from anywhere.
    let deliveries = Atomic(0)
}
