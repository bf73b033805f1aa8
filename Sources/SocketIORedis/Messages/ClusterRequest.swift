internal import NIOCore
internal import SocketIO

/// What a server asks of the others, on the request channel.
struct ClusterRequest {
    enum Body {
        /// Only asked by old peers.
        case sockets(rooms: [Room])
        case allRooms
        case join(BroadcastOptions, rooms: [Room])
        case leave(BroadcastOptions, rooms: [Room])
        case disconnect(BroadcastOptions, close: Bool)
        case fetch(BroadcastOptions)
        case serverSideEmit(Payload)
        case broadcast(Payload, BroadcastOptions)
    }

    /// The numbers that stand for the types on the wire.
    enum Kind: Int {
        case sockets = 0, allRooms, join, leave, disconnect, fetch, serverSideEmit, broadcast
        case broadcastClientCount, broadcastAcknowledgement
    }

    /// Who asks; absent in what the emitter sends.
    var uid: String?
    /// Absent when no answer is wanted.
    var requestID: String?
    var body: Body
    /// One of the forms with `sid` and `room` that peers before version 6 send and want confirmed.
    var isLegacy = false

    /// Decodes a request; nil when it is meant for another namespace.
    static func decode(_ message: ByteBuffer, namespace: String) throws -> ClusterRequest? {
        guard message.readableBytes <= WireLimits.messageBytesMax else { throw CodecError.tooLarge }
        return try message.withUnsafeReadableBytes { bytes in
            // The first byte tells: no MessagePack that is meant here begins with `{`, the number 123.
            if bytes.first == UInt8(ascii: "{") { return try decodeJSON(bytes, message) }
            return try decodeMessagePack(bytes, message, namespace: namespace)
        }
    }

    private static func decodeJSON(_ bytes: UnsafeRawBufferPointer, _ message: ByteBuffer) throws -> ClusterRequest {
        var fields = Fields()
        var reader = JSONReader(bytes)
        try reader.members(of: "request") { name, reader in
            switch name {
            case "type": fields.kind = Kind(rawValue: try reader.integer("type"))
            case "uid": fields.uid = try reader.string("uid")
            case "requestId": fields.requestID = try reader.string("requestId")
            case "opts": fields.options = try reader.options()
            case "rooms": fields.rooms = try reader.rooms("rooms")
            case "close": fields.close = try reader.bool("close")
            case "sid": fields.socket = try reader.string("sid")
            case "room": fields.room = try reader.string("room")
            case "data": fields.data = try message.payload(try reader.value())
            default: _ = try reader.value()
            }
        }
        try reader.end()
        return try fields.request()
    }

    private static func decodeMessagePack(
        _ bytes: UnsafeRawBufferPointer,
        _ message: ByteBuffer,
        namespace: String
    ) throws -> ClusterRequest? {
        var reader = MessagePackReader(bytes)
        var fields = Fields()
        var isForOther = false
        for _ in 0..<(try reader.mapCount("request")) {
            switch try reader.string("request") {
            case "type":
                fields.kind = Kind(rawValue: try reader.integer("type"))
            case "uid": fields.uid = try reader.string("uid")
            case "requestId": fields.requestID = try reader.string("requestId")
            case "opts": fields.options = try reader.options()
            case "packet":
                let (event, packetNamespace) = try reader.packet(of: message)
                fields.data = event
                isForOther = packetNamespace ?? "/" != namespace
            default: _ = try reader.skip()
            }
        }
        guard reader.isAtEnd else { throw CodecError.malformed }
        return isForOther ? nil : try fields.request()
    }
}

extension ClusterRequest {
    private struct Fields {
        var kind: Kind?
        var uid: String?
        var requestID: String?
        var options: BroadcastOptions?
        var rooms: [Room]?
        var close: Bool?
        var socket: String?
        var room: String?
        var data: Payload?

        func request() throws(CodecError) -> ClusterRequest {
            guard let kind else { throw .member("type") }
            let isLegacy = options == nil && socket != nil
            var request = ClusterRequest(uid: uid, requestID: requestID, body: try body(kind))
            request.isLegacy = isLegacy
            return request
        }

        private func body(_ kind: Kind) throws(CodecError) -> Body {
            switch kind {
            case .sockets:
                try needsAnswer()
                return .sockets(rooms: rooms ?? [])
            case .allRooms:
                try needsAnswer()
                return .allRooms
            case .join: return .join(try target(), rooms: try roomsToChange())
            case .leave: return .leave(try target(), rooms: try roomsToChange())
            case .disconnect: return .disconnect(try target(), close: close ?? false)
            case .fetch:
                try needsAnswer()
                guard let options else { throw .member("opts") }
                return .fetch(options)
            case .serverSideEmit:
                guard let data, data.isEvent else { throw .member("data") }
                return .serverSideEmit(data)
            case .broadcast:
                try needsAnswer()
                guard let options else { throw .member("opts") }
                guard let data, data.isEvent else { throw .member("packet") }
                return .broadcast(data, options)
            case .broadcastClientCount, .broadcastAcknowledgement:
                throw .member("type")
            }
        }

        private func needsAnswer() throws(CodecError) {
            if requestID == nil { throw .member("requestId") }
        }

        /// Without `opts` and without `sid` nobody is meant, which must not be read as everybody.
        private func target() throws(CodecError) -> BroadcastOptions {
            if let options { return options }
            guard let socket else { throw .member("opts") }
            return BroadcastOptions(rooms: [Room(socket)])
        }

        private func roomsToChange() throws(CodecError) -> [Room] {
            if let rooms { return rooms }
            guard options == nil, let room else { throw .member("rooms") }
            return [Room(room)]
        }
    }
}

extension ByteBuffer {
    /// A part of this JSON text, sharing its memory.
    func payload(_ range: Range<Int>) throws(CodecError) -> Payload {
        Payload(json: try slice(range))
    }

    /// A part of these bytes, which must be UTF-8.
    func slice(_ range: Range<Int>) throws(CodecError) -> ByteBuffer {
        let slice = try bytes(range)
        guard slice.withUnsafeReadableBytes(UTF8Check.isValid) else { throw .notUTF8 }
        return slice
    }

    /// A part of these bytes.
    func bytes(_ range: Range<Int>) throws(CodecError) -> ByteBuffer {
        guard let slice = getSlice(at: readerIndex + range.lowerBound, length: range.count) else { throw .truncated }
        return slice
    }
}
