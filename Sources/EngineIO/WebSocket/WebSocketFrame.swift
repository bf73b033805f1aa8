import NIOCore

/// The parts of the WebSocket framing that both directions share (RFC 6455, section 5.2).
enum WebSocketFrame {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xa

        var isControl: Bool { rawValue & 0x8 != 0 }
    }

    /// Longest header that a server writes, in bytes: no mask.
    static let headerBytesMax = 10

    /// Longest payload of a control frame, in bytes (section 5.5).
    static let controlBytesMax = 125

    /// Writes the header of a whole, unmasked message and returns how many bytes it took.
    @discardableResult
    static func writeHeader(
        _ opcode: Opcode,
        payloadBytes: Int,
        isCompressed: Bool = false,
        to buffer: inout ByteBuffer
    ) -> Int {
        var written = buffer.writeInteger((isCompressed ? 0xc0 : 0x80) | opcode.rawValue)
        switch payloadBytes {
        case ...125:
            written += buffer.writeInteger(UInt8(payloadBytes))
        case ...0xffff:
            written += buffer.writeInteger(UInt8(126))
            written += buffer.writeInteger(UInt16(payloadBytes))
        default:
            written += buffer.writeInteger(UInt8(127))
            written += buffer.writeInteger(UInt64(payloadBytes))
        }
        return written
    }

    /// A control frame as it goes to a client.
    static func control(_ opcode: Opcode, _ payload: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        writeHeader(opcode, payloadBytes: payload.readableBytes, to: &frame)
        frame.writeImmutableBuffer(payload)
        return frame
    }
}

/// Why a WebSocket was closed, as its close frame says (RFC 6455, section 7.4.1).
struct WebSocketCloseCode: RawRepresentable, Equatable, Error {
    var rawValue: UInt16

    static let normal = WebSocketCloseCode(rawValue: 1000)
    static let goingAway = WebSocketCloseCode(rawValue: 1001)
    static let protocolError = WebSocketCloseCode(rawValue: 1002)
    static let invalidData = WebSocketCloseCode(rawValue: 1007)
    static let policyViolation = WebSocketCloseCode(rawValue: 1008)
    static let messageTooBig = WebSocketCloseCode(rawValue: 1009)

    /// Whether a client may send this code: the reserved ones never appear on the wire.
    var isValidOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
