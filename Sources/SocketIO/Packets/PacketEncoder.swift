import EngineIO
import NIOCore

/// Writes packets as the Engine.IO messages they travel in: one text, and one binary message for each attachment.
enum PacketEncoder {
    /// An event; `payload` is `["name",arg,…]`.
    static func event(_ payload: Payload, namespace: String, id: Int? = nil) -> [OutboundPacket] {
        encode(payload.attachments.isEmpty ? .event : .binaryEvent, payload, namespace: namespace, id: id)
    }

    /// The answer to an event; `payload` is `[arg,…]`.
    static func acknowledgement(_ payload: Payload, namespace: String, id: Int) -> [OutboundPacket] {
        let kind = payload.attachments.isEmpty ? SocketPacket.Kind.acknowledgement : .binaryAcknowledgement
        return encode(kind, payload, namespace: namespace, id: id)
    }

    /// A packet without attachments.
    static func control(_ kind: SocketPacket.Kind, namespace: String, json: ByteBuffer? = nil) -> [OutboundPacket] {
        encode(kind, Payload(json: json ?? ByteBuffer()), namespace: namespace, id: nil)
    }

    private static func encode(
        _ kind: SocketPacket.Kind,
        _ payload: Payload,
        namespace: String,
        id: Int?
    ) -> [OutboundPacket] {
        var head = ""
        if kind == .binaryEvent || kind == .binaryAcknowledgement { head += "\(payload.attachments.count)-" }
        if namespace != "/" { head += "\(namespace)," }
        if let id { head += String(id) }
        let text = OutboundPacket.text(length: 1 + head.utf8.count + payload.json.readableBytes) { buffer in
            buffer.writeInteger(kind.rawValue)
            buffer.writeString(head)
            buffer.writeImmutableBuffer(payload.json)
        }
        return [text] + payload.attachments.map(OutboundPacket.binary)
    }
}
