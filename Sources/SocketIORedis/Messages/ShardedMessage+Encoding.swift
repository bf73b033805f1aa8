internal import NIOCore
internal import SocketIO

extension ShardedMessage {
    /// A member of `data`, whose value can be written in both formats.
    typealias Member = (name: StaticString, value: Value)

    enum Value {
        /// `{"type":2,"data":[…]}`, here without a namespace.
        case event(Payload)
        case value(Payload)
        case text(String)
        case integer(Int)
        case bool(Bool)
        case rooms([Room])
        case options(BroadcastOptions)
        case sockets([RemoteSocket])
    }

    /// Encodes as JSON, or as MessagePack when there is binary, as Node does.
    ///
    /// - Throws: `CodecError` or `JSONScanner.Malformed` when an event is not what `Payload` promises.
    static func encode(_ kind: Kind, _ members: [Member], uid: String, namespace: String) throws -> ByteBuffer {
        if members.contains(where: \.value.hasBinary) {
            return try messagePack(kind, members, uid: uid, namespace: namespace)
        }
        return json(kind, members, uid: uid, namespace: namespace)
    }

    /// `{"type":T,"data":{…},"uid":U,"nsp":N}`
    private static func json(_ kind: Kind, _ members: [Member], uid: String, namespace: String) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(members.reduce(128) { $0 + $1.value.likelyBytes })
        buffer.writeStaticString("{\"type\":")
        buffer.writeString(String(kind.rawValue))
        buffer.writeStaticString(",\"data\":")
        for (index, member) in members.enumerated() {
            buffer.writeStaticString(index == 0 ? "{\"" : ",\"")
            buffer.writeStaticString(member.name)
            buffer.writeStaticString("\":")
            buffer.writeJSON(member.value)
        }
        buffer.writeStaticString("},\"uid\":")
        buffer.writeJSONString(uid)
        buffer.writeStaticString(",\"nsp\":")
        buffer.writeJSONString(namespace)
        buffer.writeStaticString("}")
        return buffer
    }

    private static func messagePack(
        _ kind: Kind,
        _ members: [Member],
        uid: String,
        namespace: String
    ) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(members.reduce(128) { $0 + $1.value.likelyBytes })
        buffer.writeMessagePackMapHeader(count: 4)
        buffer.writeMessagePack("type")
        buffer.writeMessagePack(Int64(kind.rawValue))
        buffer.writeMessagePack("data")
        buffer.writeMessagePackMapHeader(count: members.count)
        for member in members {
            buffer.writeMessagePack("\(member.name)")
            try buffer.writeMessagePack(member.value)
        }
        buffer.writeMessagePack("uid")
        buffer.writeMessagePack(uid)
        buffer.writeMessagePack("nsp")
        buffer.writeMessagePack(namespace)
        return buffer
    }
}

extension ShardedMessage.Value {
    fileprivate var hasBinary: Bool {
        switch self {
        case .event(let payload), .value(let payload): !payload.attachments.isEmpty
        case .text, .integer, .bool, .rooms, .options, .sockets: false
        }
    }

    /// How much room to make.
    fileprivate var likelyBytes: Int {
        switch self {
        case .event(let payload), .value(let payload):
            payload.attachments.reduce(payload.json.readableBytes + 32) { $0 + $1.readableBytes }
        case .text, .integer, .bool, .rooms, .options, .sockets: 64
        }
    }
}

extension ByteBuffer {
    fileprivate mutating func writeJSON(_ value: ShardedMessage.Value) {
        switch value {
        case .event(let event):
            writeStaticString("{\"type\":2,\"data\":")
            writeImmutableBuffer(event.json)
            writeStaticString("}")
        case .value(let payload): writeImmutableBuffer(payload.json)
        case .text(let text): writeJSONString(text)
        case .integer(let number): writeString(String(number))
        case .bool(let value): writeStaticString(value ? "true" : "false")
        case .rooms(let rooms): writeJSON(rooms)
        case .options(let options): writeJSONWithFlags(options)
        case .sockets(let sockets): writeJSON(sockets)
        }
    }

    fileprivate mutating func writeMessagePack(_ value: ShardedMessage.Value) throws {
        switch value {
        case .event(let event):
            writeMessagePackMapHeader(count: 2)
            writeMessagePack("type")
            writeMessagePack(2 as Int64)
            writeMessagePack("data")
            try JSONToMessagePack.append(event, to: &self)
        case .value(let payload): try JSONToMessagePack.append(payload, to: &self)
        case .text(let text): writeMessagePack(text)
        case .options(let options): writeMessagePack(options, order: .adapter)
        // Never stand beside binary.
        case .integer, .bool, .rooms, .sockets: throw CodecError.malformed
        }
    }
}
