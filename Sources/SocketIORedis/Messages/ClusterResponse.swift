internal import NIOCore
internal import SocketIO

/// What a server answers. The asker knows by the request's id what it asked for, and what it therefore may read.
struct ClusterResponse {
    var requestID: String
    var kind: ClusterRequest.Kind?
    var rooms: [Room]?
    var sockets: [RemoteSocket]?
    /// The answer to a server-side event.
    var data: Payload?
    var clientCount: Int?
    /// A client's acknowledgement.
    var packet: Payload?

    /// Most sockets or rooms that one answer may hold.
    static let elementsMax = 1 << 20

    init(requestID: String) { self.requestID = requestID }

    /// Whether it can be an answer to a server-side event, which may be without data.
    var isServerSideAnswer: Bool {
        (kind == .serverSideEmit || data != nil) && rooms == nil && sockets == nil && clientCount == nil
            && packet == nil
    }

    /// Decodes a response. `isWanted` tells by the request's id whether anybody waits, before the rest is read.
    static func decode(_ message: ByteBuffer, isWanted: (String) -> Bool) throws -> ClusterResponse? {
        guard message.readableBytes <= WireLimits.messageBytesMax else { throw CodecError.tooLarge }
        return try message.withUnsafeReadableBytes { bytes in
            if bytes.first == UInt8(ascii: "{") {
                guard try isWanted(requestIDOfJSON(bytes)) else { return nil }
                return try decodeJSON(bytes, message)
            }
            guard try isWanted(requestIDOfMessagePack(bytes)) else { return nil }
            return try decodeMessagePack(bytes, message)
        }
    }

    // MARK: JSON

    private static func requestIDOfJSON(_ bytes: UnsafeRawBufferPointer) throws -> String {
        var reader = JSONReader(bytes)
        var id: String?
        try reader.members(of: "response") { name, reader in
            if name == "requestId" { id = try reader.string("requestId") } else { _ = try reader.value() }
        }
        try reader.end()
        guard let id else { throw CodecError.member("requestId") }
        return id
    }

    private static func decodeJSON(_ bytes: UnsafeRawBufferPointer, _ message: ByteBuffer) throws -> ClusterResponse {
        var response = ClusterResponse(requestID: "")
        var reader = JSONReader(bytes)
        try reader.members(of: "response") { name, reader in
            switch name {
            case "requestId": response.requestID = try reader.string("requestId")
            case "type": response.kind = ClusterRequest.Kind(rawValue: try reader.integer("type"))
            case "clientCount": response.clientCount = try reader.integer("clientCount")
            case "rooms": response.rooms = try reader.roomNames()
            case "sockets": response.sockets = try reader.sockets(of: message)
            case "data": response.data = try message.payload(try reader.value())
            case "packet": response.packet = try message.payload(try reader.value())
            default: _ = try reader.value()
            }
        }
        return response
    }

    // MARK: MessagePack

    private static func requestIDOfMessagePack(_ bytes: UnsafeRawBufferPointer) throws -> String {
        var reader = MessagePackReader(bytes)
        for _ in 0..<(try reader.mapCount("response")) {
            if try reader.string("response") == "requestId" { return try reader.string("requestId") }
            _ = try reader.skip()
        }
        throw CodecError.member("requestId")
    }

    private static func decodeMessagePack(
        _ bytes: UnsafeRawBufferPointer,
        _ message: ByteBuffer
    ) throws -> ClusterResponse {
        var response = ClusterResponse(requestID: "")
        var reader = MessagePackReader(bytes)
        for _ in 0..<(try reader.mapCount("response")) {
            switch try reader.string("response") {
            case "requestId": response.requestID = try reader.string("requestId")
            case "type":
                response.kind = ClusterRequest.Kind(rawValue: try reader.integer("type"))
            case "packet": response.packet = try MessagePackToJSON.payload(&reader, of: message)
            case "data": response.data = try MessagePackToJSON.payload(&reader, of: message)
            default: _ = try reader.skip()
            }
        }
        guard reader.isAtEnd else { throw CodecError.malformed }
        return response
    }
}

extension JSONReader {
    /// The rooms of a whole server: as `rooms`, with a larger limit and no need to look for repetitions.
    fileprivate mutating func roomNames() throws -> [Room] {
        var rooms: [Room] = []
        try elements(of: "rooms") { reader in
            guard rooms.count < ClusterResponse.elementsMax else { throw CodecError.tooLarge }
            rooms.append(Room(try reader.room("rooms")))
        }
        return rooms
    }

    mutating func sockets(of message: ByteBuffer) throws -> [RemoteSocket] {
        var sockets: [RemoteSocket] = []
        try elements(of: "sockets") { reader in
            guard sockets.count < ClusterResponse.elementsMax else { throw CodecError.tooLarge }
            sockets.append(try reader.socket(of: message))
        }
        return sockets
    }

    private mutating func socket(of message: ByteBuffer) throws -> RemoteSocket {
        var socket = RemoteSocket(
            id: "",
            handshake: ByteBuffer(string: "{}"),
            rooms: [],
            data: ByteBuffer(string: "{}")
        )
        try members(of: "socket") { name, reader in
            switch name {
            case "id": socket.id = try reader.string("id")
            case "handshake": socket.handshake = try message.slice(try reader.value())
            case "rooms": socket.rooms = try reader.roomNames()
            case "data": socket.data = try message.slice(try reader.value())
            default: _ = try reader.value()
            }
        }
        guard !socket.id.isEmpty else { throw CodecError.member("socket.id") }
        return socket
    }
}
