internal import NIOCore
internal import SocketIO

/// The channels of one namespace, as `@socket.io/redis-adapter` names them.
struct ClassicChannels: Sendable {
    /// Broadcasts to everybody or to several rooms; with `room#` behind it, to one room.
    let broadcast: String
    let request: String
    let response: String
    private let broadcastBytes: ByteBuffer

    init(key: String, namespace: String) {
        broadcast = "\(key)#\(namespace)#"
        request = "\(key)-request#\(namespace)#"
        response = "\(key)-response#\(namespace)#"
        broadcastBytes = ByteBuffer(string: broadcast)
    }

    /// Matches all channels of broadcasts. The names are escaped: a namespace may hold what is special in a glob.
    var broadcastPattern: String {
        broadcast.reduce(into: "") { pattern, character in
            if "*?[]\\".contains(character) { pattern.append("\\") }
            pattern.append(character)
        } + "*"
    }

    func broadcast(to rooms: [Room]) -> String {
        rooms.count == 1 ? "\(broadcast)\(rooms[0].name)#" : broadcast
    }

    func response(to uid: String) -> String { "\(response)\(uid)#" }

    /// What a broadcast's channel says before the message is decoded.
    enum Audience: Equatable {
        case everybody
        case room(Room)
        /// Not a channel of this namespace.
        case nobody
    }

    func audience(of channel: ByteBuffer) -> Audience {
        var name = channel
        guard name.readSlice(length: broadcastBytes.readableBytes) == broadcastBytes else { return .nobody }
        guard name.readableBytes > 0 else { return .everybody }
        guard let room = name.readString(length: name.readableBytes - 1), name.readInteger() == UInt8(ascii: "#") else {
            return .nobody
        }
        return .room(Room(room))
    }
}
