internal import SocketIO

/// The channels of one namespace, as the sharded adapter of `@socket.io/redis-adapter` names them.
struct ShardedChannels: Sendable {
    /// What concerns all servers.
    let all: String
    private let mode: RedisAdapterOptions.ShardedMode

    /// JavaScript's length of a socket id. A room of this length is taken for a socket's own.
    private static let socketIDLength = 20

    init(key: String, namespace: String, mode: RedisAdapterOptions.ShardedMode) {
        all = "\(key)#\(namespace)#"
        self.mode = mode
    }

    /// The answers to one server's requests.
    func server(_ uid: String) -> String { "\(all)\(uid)#" }

    /// The channel of a room; nil when its broadcasts go to all.
    ///
    /// Publishers decide by the room's name alone, so subscribers have to decide by it too.
    func room(_ room: Room) -> String? {
        switch mode {
        case .static: nil
        case .dynamic: room.name.utf16.count == Self.socketIDLength ? nil : "\(all)\(room.name)#"
        case .dynamicPrivate: "\(all)\(room.name)#"
        }
    }

    func broadcast(to rooms: [Room]) -> String {
        rooms.count == 1 ? room(rooms[0]) ?? all : all
    }
}
