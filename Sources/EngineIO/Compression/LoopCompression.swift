import NIOCore

/// The compressors that the sessions of one event loop share. Confined to the loop.
///
/// They keep nothing from one message to the next ("no context takeover"): a connection costs no window of its own, and
/// a broadcast is compressed once for all sockets of the loop.
final class LoopCompression {
    /// Most compressed frames that are kept until the turn ends.
    private static let framesMax = 16

    private(set) lazy var inflater = Inflater()
    private lazy var gzip = Deflater(.gzip)
    private var deflaters: [Int32: Deflater] = [:]
    private var frames: [Frame] = []

    private struct Frame {
        /// Kept, so that no other packet can take its place in memory.
        var packet: OutboundPacket
        var windowBits: Int32
        var compressed: ByteBuffer
    }

    /// The compressed frame of a packet.
    func frame(of packet: OutboundPacket, windowBits: Int32) -> ByteBuffer {
        if let frame = frames.first(where: { $0.windowBits == windowBits && $0.packet.isIdentical(to: packet) }) {
            return frame.compressed
        }
        let deflater = deflaters[windowBits] ?? Deflater(.message(windowBits: windowBits))
        deflaters[windowBits] = deflater
        let content = deflater.compress(packet.content)
        var compressed = ByteBuffer()
        compressed.reserveCapacity(WebSocketFrame.headerBytesMax + content.readableBytes)
        WebSocketFrame.writeHeader(
            packet.isBinary ? .binary : .text,
            payloadBytes: content.readableBytes,
            isCompressed: true,
            to: &compressed
        )
        compressed.writeImmutableBuffer(content)
        if frames.count == Self.framesMax { frames.removeFirst() }
        frames.append(Frame(packet: packet, windowBits: windowBits, compressed: compressed))
        return compressed
    }

    /// A body of HTTP, compressed.
    func gzip(_ body: ByteBuffer) -> ByteBuffer { gzip.compress(body) }

    /// What the turn sent is over.
    func endTurn() {
        if !frames.isEmpty { frames = [] }
    }
}
