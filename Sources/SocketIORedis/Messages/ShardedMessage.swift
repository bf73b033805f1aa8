internal import NIOCore
internal import SocketIO

/// A message between servers of the sharded form: `{"type":T,"data":{…},"uid":U,"nsp":N}`, in JSON or MessagePack.
///
/// Two passes: the first finds what the message is and who sent it, and checks the whole text; the second reads
/// `data`, only of what is meant for this server.
struct ShardedMessage {
    /// The numbers that stand for the types on the wire. Other numbers are of adapters with heartbeats.
    enum Kind: Int {
        case broadcast = 3
        case join, leave, disconnect, fetch, fetchResponse, serverSideEmit, serverSideResponse, clientCount
        case acknowledgement
    }

    let kind: Kind
    let uid: String
    let namespace: String
    private let data: ByteBuffer
    private let isJSON: Bool

    /// Reads the first pass of a message.
    ///
    /// - Throws: `CodecError` or `JSONScanner.Malformed`.
    init(_ message: ByteBuffer) throws {
        guard message.readableBytes <= WireLimits.messageBytesMax else { throw CodecError.tooLarge }
        // The first byte tells: no MessagePack that is meant here begins with `{`, the number 123.
        isJSON = message.readableBytesView.first == UInt8(ascii: "{")
        let head = try message.withUnsafeReadableBytes(isJSON ? Head.init(json:) : Head.init(messagePack:))
        guard let kind = head.kind.flatMap(Kind.init(rawValue:)) else { throw CodecError.member("type") }
        guard let uid = head.uid else { throw CodecError.member("uid") }
        guard let namespace = head.namespace else { throw CodecError.member("nsp") }
        guard let range = head.data else { throw CodecError.member("data") }
        self.kind = kind
        self.uid = uid
        self.namespace = namespace
        data = try isJSON ? message.slice(range) : message.bytes(range)
    }

    /// Reads what the message asks for.
    ///
    /// - Parameter isAwaited: Whether answers to the request with this id are waited for.
    func incoming(isAwaited: (String) -> Bool) throws -> Incoming {
        let fields = try data.withUnsafeReadableBytes { bytes in
            if isJSON { return try Fields(json: bytes, of: data, kind) }
            return try Fields(messagePack: bytes, of: data, kind)
        }
        switch kind {
        case .fetchResponse, .serverSideResponse, .clientCount, .acknowledgement:
            let response = try fields.response(kind)
            return isAwaited(response.requestID) ? .response(response) : .ignored
        case .broadcast where fields.requestID == nil:
            return .broadcast(try fields.event(), try fields.required(fields.options, "opts"))
        default:
            return .request(ClusterRequest(uid: uid, requestID: fields.requestID, body: try fields.request(kind)))
        }
    }
}

extension ShardedMessage {
    private struct Head {
        var kind: Int?
        var uid: String?
        var namespace: String?
        var data: Range<Int>?

        init(json bytes: UnsafeRawBufferPointer) throws {
            var reader = JSONReader(bytes)
            try reader.members(of: "message") { name, reader in
                switch name {
                case "type": kind = try reader.integer("type")
                case "uid": uid = try reader.string("uid")
                case "nsp": namespace = try reader.string("nsp")
                case "data": data = try reader.value()
                default: _ = try reader.value()
                }
            }
            try reader.end()
        }

        init(messagePack bytes: UnsafeRawBufferPointer) throws {
            var reader = MessagePackReader(bytes)
            for _ in 0..<(try reader.mapCount("message")) {
                switch try reader.string("message") {
                case "type": kind = try reader.integer("type")
                case "uid": uid = try reader.string("uid")
                case "nsp": namespace = try reader.string("nsp")
                case "data": data = try reader.skip()
                default: _ = try reader.skip()
                }
            }
            guard reader.isAtEnd else { throw CodecError.malformed }
        }
    }

    private struct Fields {
        var requestID: String?
        var options: BroadcastOptions?
        var packet: Payload?
        var rooms: [Room]?
        var close: Bool?
        var clientCount: Int?
        var sockets: [RemoteSocket]?

        init(json bytes: UnsafeRawBufferPointer, of data: ByteBuffer, _ kind: Kind) throws {
            var reader = JSONReader(bytes)
            try reader.members(of: "data") { name, reader in
                switch name {
                case "requestId": requestID = try reader.string("requestId")
                case "opts": options = try reader.options()
                case "packet" where kind == .broadcast: packet = try reader.packet(of: data)
                case "packet": packet = Payload(json: try data.bytes(try reader.value()))
                case "rooms": rooms = try reader.rooms("rooms")
                case "close": close = try reader.bool("close")
                case "clientCount": clientCount = try reader.integer("clientCount")
                case "sockets": sockets = try reader.sockets(of: data)
                default: _ = try reader.value()
                }
            }
        }

        init(messagePack bytes: UnsafeRawBufferPointer, of data: ByteBuffer, _ kind: Kind) throws {
            var reader = MessagePackReader(bytes)
            for _ in 0..<(try reader.mapCount("data")) {
                switch try reader.string("data") {
                case "requestId": requestID = try reader.string("requestId")
                case "opts": options = try reader.options()
                case "packet" where kind == .broadcast: packet = try reader.packet(of: data).event
                case "packet": packet = try MessagePackToJSON.payload(&reader, of: data)
                case "rooms": rooms = try reader.rooms("rooms")
                case "close": close = try reader.bool("close")
                case "clientCount": clientCount = try reader.integer("clientCount")
                case "sockets":
                    // Binary in what the application attached to a socket becomes what JSON makes of a Buffer.
                    let text = try JSONBuffers.text(try MessagePackToJSON.payload(&reader, of: data))
                    sockets = try text.withUnsafeReadableBytes { bytes in
                        var reader = JSONReader(bytes)
                        return try reader.sockets(of: text)
                    }
                default: _ = try reader.skip()
                }
            }
        }

        func required<Value>(_ value: Value?, _ name: String) throws(CodecError) -> Value {
            guard let value else { throw .member(name) }
            return value
        }

        func event() throws(CodecError) -> Payload {
            guard let packet, packet.isEvent else { throw .member("packet") }
            return packet
        }

        func request(_ kind: Kind) throws(CodecError) -> ClusterRequest.Body {
            switch kind {
            case .broadcast: return .broadcast(try event(), try required(options, "opts"))
            case .join: return .join(try required(options, "opts"), rooms: try required(rooms, "rooms"))
            case .leave: return .leave(try required(options, "opts"), rooms: try required(rooms, "rooms"))
            case .disconnect: return .disconnect(try required(options, "opts"), close: close ?? false)
            case .fetch:
                _ = try required(requestID, "requestId")
                return .fetch(try required(options, "opts"))
            case .serverSideEmit: return .serverSideEmit(try event())
            case .fetchResponse, .serverSideResponse, .clientCount, .acknowledgement: throw .member("type")
            }
        }

        func response(_ kind: Kind) throws(CodecError) -> ClusterResponse {
            var response = ClusterResponse(requestID: try required(requestID, "requestId"))
            switch kind {
            case .fetchResponse: response.sockets = try required(sockets, "sockets")
            // JavaScript leaves out what is undefined: a listener or client that answered nothing.
            case .serverSideResponse:
                response.kind = .serverSideEmit
                response.data = packet ?? .null
            case .clientCount:
                response.kind = .broadcastClientCount
                response.clientCount = try required(clientCount, "clientCount")
            case .acknowledgement:
                response.kind = .broadcastAcknowledgement
                response.packet = packet ?? .null
            default: throw .member("type")
            }
            return response
        }
    }
}

extension Payload {
    /// What JavaScript's `undefined` is in JSON.
    static var null: Payload { Payload(json: ByteBuffer(string: "null")) }
}
