internal import Foundation
internal import NIOCore

/// The body of a long-polling request or answer: packets with the record separator between them. A binary one is the
/// letter `b` and base64.
enum PollingPayload {
    enum Packet: Equatable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
    }

    private static let separator = UInt8(0x1e)

    /// - Throws: `SocketIOClientError` for what is no base64.
    static func decode(_ body: ByteBuffer) throws(SocketIOClientError) -> [Packet] {
        var packets: [Packet] = []
        for part in body.readableBytesView.split(separator: separator, omittingEmptySubsequences: true) {
            guard part.first == UInt8(ascii: "b") else {
                packets.append(.text(ByteBuffer(bytes: part)))
                continue
            }
            guard let content = Data(base64Encoded: Data(part.dropFirst())) else {
                throw .protocolViolation("a binary packet that is no base64")
            }
            packets.append(.binary(ByteBuffer(bytes: content)))
        }
        return packets
    }

    /// Takes as many packets from the front of a queue as one body may hold, at least one.
    static func encode(_ queue: inout [ByteBuffer], bytesMax: Int) -> ByteBuffer {
        var body = ByteBuffer()
        var count = 0
        for packet in queue {
            guard count == 0 || body.readableBytes + 1 + packet.readableBytes <= bytesMax else { break }
            if count > 0 { body.writeInteger(separator) }
            body.writeImmutableBuffer(packet)
            count += 1
        }
        queue.removeFirst(count)
        return body
    }
}
