internal import NIOCore
internal import SocketIO

/// An event for the sockets of all servers: `[uid, {"type":2,"data":[…],"nsp":"/"}, opts]` in MessagePack.
///
/// The type is 2 (EVENT) also when there is binary, which stands in place; the receiver counts attachments anew.
struct BroadcastMessage {
    /// Which server sent it, or `emitter`.
    var uid: String
    var event: Payload
    var options: BroadcastOptions

    /// Encodes a broadcast.
    ///
    /// - Throws: `CodecError` or `JSONScanner.Malformed` when the event is not what `Payload` promises.
    static func encode(
        _ event: Payload,
        options: BroadcastOptions,
        uid: String,
        namespace: String,
        order: ByteBuffer.OptionsOrder = .adapter
    ) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(event.json.readableBytes + 128)
        buffer.writeMessagePackArrayHeader(count: 3)
        buffer.writeMessagePack(uid)
        try buffer.writePacket(event, namespace: namespace)
        buffer.writeMessagePack(options, order: order)
        return buffer
    }

    /// Decodes a broadcast; nil when it is this server's own, or meant for another namespace.
    static func decode(_ message: ByteBuffer, uid: String, namespace: String) throws(CodecError) -> BroadcastMessage? {
        guard message.readableBytes <= WireLimits.messageBytesMax else { throw .tooLarge }
        // Typed throws do not pass through the closure's rethrows.
        let result = message.withUnsafeReadableBytes { bytes -> Result<BroadcastMessage?, CodecError> in
            do throws(CodecError) {
                var reader = MessagePackReader(bytes)
                return .success(try decode(&reader, message, uid: uid, namespace: namespace))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func decode(
        _ reader: inout MessagePackReader,
        _ message: ByteBuffer,
        uid: String,
        namespace: String
    ) throws(CodecError) -> BroadcastMessage? {
        // Node reads by index, so a later version may append elements.
        let count = try reader.arrayCount("broadcast")
        guard count >= 3 else { throw .member("broadcast") }
        let sender = try reader.string("uid")
        if sender == uid { return nil }
        let (event, packetNamespace) = try reader.packet(of: message)
        // Without one it is for `/`.
        guard packetNamespace ?? "/" == namespace else { return nil }
        let options = try reader.options()
        for _ in 3..<count { _ = try reader.skip() }
        guard reader.isAtEnd else { throw .malformed }
        return BroadcastMessage(uid: sender, event: event, options: options)
    }
}

extension ByteBuffer {
    /// `{"type":2,"data":[…],"nsp":"/"}`
    mutating func writePacket(_ event: Payload, namespace: String) throws {
        writeMessagePackMapHeader(count: 3)
        writeMessagePack("type")
        writeMessagePack(2 as Int64)
        writeMessagePack("data")
        try JSONToMessagePack.append(event, to: &self)
        writeMessagePack("nsp")
        writeMessagePack(namespace)
    }
}

extension MessagePackReader {
    /// Reads an event packet, and which namespace it names.
    mutating func packet(of message: ByteBuffer) throws(CodecError) -> (event: Payload, namespace: String?) {
        var event: Payload?
        var namespace: String?
        for _ in 0..<(try mapCount("packet")) {
            switch try string("packet") {
            case "type":
                // 5 (BINARY_EVENT) is not what Node writes, but other emitters do, and Node reads it.
                let type = try integer("packet.type")
                guard type == 2 || type == 5 else { throw .member("packet.type") }
            case "data":
                event = try MessagePackToJSON.payload(&self, of: message)
            case "nsp":
                switch try next() {
                case .string(let range): namespace = try string(range)
                case .null, .undefined: break
                default: throw .member("packet.nsp")
                }
            default:
                _ = try skip()
            }
        }
        guard let event, event.isEvent else { throw .member("packet.data") }
        return (event, namespace)
    }
}

extension Payload {
    /// Whether it is an array that begins with a name, as every event must (an object there has crashed servers).
    var isEvent: Bool {
        let view = json.readableBytesView
        return view.count > 3 && view[view.startIndex] == UInt8(ascii: "[")
            && view[view.startIndex + 1] == UInt8(ascii: "\"")
    }
}
