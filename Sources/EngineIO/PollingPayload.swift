import Foundation
import NIOCore

/// The body of a polling request or response: packets joined by U+001E, bytes as `b` and base64.
///
/// Source: Engine.IO protocol, revision 4, "HTTP long-polling" and "Packet encoding".
enum PollingPayload {
    private static let separator: UInt8 = 0x1e
    private static let binaryMark = UInt8(ascii: "b")

    /// Most packets that one POST may carry. The stock client sends what it has buffered, far below this.
    static let packetsMax = 1_000

    struct Malformed: Error {}

    /// Joins packets in the order given.
    static func encode(_ packets: some Collection<OutboundPacket>) -> ByteBuffer {
        var body = ByteBuffer()
        body.reserveCapacity(packets.reduce(0) { $0 + $1.byteCount + 1 })
        var isFirst = true
        for packet in packets {
            if !isFirst { body.writeInteger(separator) }
            isFirst = false
            if packet.isBinary {
                body.writeInteger(binaryMark)
                body.writeString(Data(packet.content.readableBytesView).base64EncodedString())
            } else {
                body.writeImmutableBuffer(packet.content)
            }
        }
        return body
    }

    /// Splits a body; an empty one has no packets.
    ///
    /// - Throws: `Malformed` when one of the packets is none, or there are more than `packetsMax`.
    static func decode(_ body: ByteBuffer) throws(Malformed) -> [InboundPacket] {
        var packets: [InboundPacket] = []
        var rest = body
        guard rest.readableBytes > 0 else { throw Malformed() }
        while true {
            let length = rest.readableBytesView.firstIndex(of: separator).map { $0 - rest.readerIndex }
            guard packets.count < packetsMax, let part = rest.readSlice(length: length ?? rest.readableBytes) else {
                throw Malformed()
            }
            packets.append(try packet(part))
            if length == nil { return packets }
            rest.moveReaderIndex(forwardBy: 1)
        }
    }

    private static func packet(_ part: ByteBuffer) throws(Malformed) -> InboundPacket {
        var part = part
        if part.getInteger(at: part.readerIndex, as: UInt8.self) == binaryMark {
            part.moveReaderIndex(forwardBy: 1)
            guard let bytes = Data(base64Encoded: Data(part.readableBytesView)) else { throw Malformed() }
            return .message(.binary(ByteBuffer(bytes: bytes)))
        }
        guard UTF8Validation.isValid(part.readableBytesView), let packet = InboundPacket(text: part) else {
            throw Malformed()
        }
        return packet
    }
}
