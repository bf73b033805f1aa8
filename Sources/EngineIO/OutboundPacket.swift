public import NIOCore

/// A packet to a client, encoded once for every session and transport it goes to.
///
/// The bytes are those of an unmasked WebSocket frame; what a polling response needs is the part behind the frame's
/// header. So a broadcast to ten thousand sockets holds one buffer.
public struct OutboundPacket: Sendable {
    /// The whole WebSocket frame.
    let frame: ByteBuffer
    /// Length of the frame's header in bytes.
    private let headerBytes: Int
    let isBinary: Bool

    /// Bytes that the packet holds in a queue.
    var byteCount: Int { frame.readableBytes }

    /// A message whose text is `length` bytes long and written by `write`.
    ///
    /// - Precondition: `write` writes exactly `length` bytes of UTF-8.
    public static func text(length: Int, _ write: (inout ByteBuffer) -> Void) -> OutboundPacket {
        OutboundPacket(type: .message, length: length, write)
    }

    /// A message of bytes.
    public static func binary(_ bytes: ByteBuffer) -> OutboundPacket {
        OutboundPacket(.binary, bytes)
    }

    /// A message, text or binary.
    public static func message(_ message: EngineMessage) -> OutboundPacket {
        switch message {
        case .text(let text):
            .text(length: text.readableBytes) { $0.writeImmutableBuffer(text) }
        case .binary(let bytes):
            .binary(bytes)
        }
    }

    /// A WebSocket message as it is, without a packet's type in front of its text.
    package static func bare(_ message: EngineMessage) -> OutboundPacket {
        switch message {
        case .text(let text): OutboundPacket(.text, text)
        case .binary(let bytes): OutboundPacket(.binary, bytes)
        }
    }

    static let ping = control(.ping)
    static let noop = control(.noop)
    static let close = control(.close)

    /// A packet that the protocol itself needs.
    static func control(_ type: PacketType, _ content: ByteBuffer = ByteBuffer()) -> OutboundPacket {
        OutboundPacket(type: type, length: content.readableBytes) { $0.writeImmutableBuffer(content) }
    }

    private init(type: PacketType, length: Int, _ write: (inout ByteBuffer) -> Void) {
        var frame = ByteBuffer()
        frame.reserveCapacity(WebSocketFrame.headerBytesMax + 1 + length)
        headerBytes = WebSocketFrame.writeHeader(.text, payloadBytes: length + 1, to: &frame)
        frame.writeInteger(type.rawValue)
        write(&frame)
        assert(frame.readableBytes == headerBytes + 1 + length)
        self.frame = frame
        isBinary = false
    }

    private init(_ opcode: WebSocketFrame.Opcode, _ content: ByteBuffer) {
        var frame = ByteBuffer()
        frame.reserveCapacity(WebSocketFrame.headerBytesMax + content.readableBytes)
        headerBytes = WebSocketFrame.writeHeader(opcode, payloadBytes: content.readableBytes, to: &frame)
        frame.writeImmutableBuffer(content)
        self.frame = frame
        isBinary = opcode == .binary
    }

    /// Whether it is the same packet, not only an equal one.
    func isIdentical(to other: OutboundPacket) -> Bool {
        frame.withUnsafeReadableBytes { own in
            other.frame.withUnsafeReadableBytes { $0.baseAddress == own.baseAddress && $0.count == own.count }
        }
    }

    /// What stands behind the frame's header: for text the packet's type and content, for binary the bytes.
    var content: ByteBuffer {
        frame.getSlice(at: frame.readerIndex + headerBytes, length: frame.readableBytes - headerBytes) ?? ByteBuffer()
    }
}
