import NIOCore

/// Speaks WebSocket on a connection: frames in, messages to the session; packets out as the frames they are.
///
/// One handler with its own parser instead of a chain of codecs, because an idle socket then costs a third of the
/// memory and an echo an eighth of the time. Confined to the channel's event loop.
final class WebSocketHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Who is told what happens on the connection.
    protocol Peer: AnyObject, Sendable {
        func received(_ packet: InboundPacket, on socket: WebSocketHandler)
        func closed(_ socket: WebSocketHandler)
        func becameWritable(_ socket: WebSocketHandler)
    }

    /// How long a peer may take to answer a close frame before the connection is cut.
    private static let closeTimeout = TimeAmount.seconds(5)

    private let channel: any Channel
    private let loopContext: LoopContext
    private var peer: (any Peer)?
    private var parser: WebSocketParser
    private var state = State.open
    private var context: ChannelHandlerContext?
    private let compression: Compression?

    /// How messages to the client are compressed.
    struct Compression {
        var windowBits: Int32
        var threshold: Int
    }

    private enum State {
        case open
        /// Our close frame is on its way, the peer's is awaited.
        case closing
        case closed
    }

    init(channel: any Channel, context: LoopContext, messageBytesMax: Int, compression: Compression? = nil) {
        self.channel = channel
        self.compression = compression
        loopContext = context
        let inflater = compression.map { _ in context.compression.inflater }
        parser = WebSocketParser(messageBytesMax: messageBytesMax, inflater: inflater)
    }

    /// Whether the connection takes more without queueing it in memory.
    var isWritable: Bool { state == .open && channel.isWritable }

    /// Names who is told from now on; at once, when the connection is gone already.
    func setPeer(_ peer: any Peer) {
        channel.eventLoop.preconditionInEventLoop()
        if state == .closed { peer.closed(self) } else { self.peer = peer }
    }

    // MARK: Out

    /// Queues a packet for the next flush.
    func write(_ packet: OutboundPacket) {
        guard let compression, packet.content.readableBytes >= compression.threshold else {
            return write(packet.frame)
        }
        write(loopContext.compressedFrame(of: packet, windowBits: compression.windowBits))
    }

    /// Queues a frame for the next flush.
    func write(_ frame: ByteBuffer) {
        guard state == .open, let context else { return }
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    /// Begins the closing handshake; the connection is cut when the peer does not answer in time.
    func close(_ code: WebSocketCloseCode) {
        guard state == .open, let context else { return }
        var payload = ByteBuffer()
        payload.writeInteger(code.rawValue)
        write(WebSocketFrame.control(.close, payload))
        flush()
        state = .closing
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTimeout) { context.close(promise: nil) }
    }

    // MARK: In

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.feed(unwrapInboundIn(data))
        // All that one read brought is one turn, so the answers to it leave in one write.
        loopContext.turn {
            do throws(WebSocketCloseCode) {
                while state != .closed, let event = try parser.next() { take(event, context) }
            } catch {
                fail(error, context)
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { peer?.becameWritable(self) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func take(_ event: WebSocketParser.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .text(let text):
            guard state == .open else { return }
            if let packet = InboundPacket(text: text) {
                peer?.received(packet, on: self)
            } else {
                fail(.policyViolation, context)
            }
        case .binary(let bytes):
            guard state == .open else { return }
            peer?.received(.message(.binary(bytes)), on: self)
        case .ping(let payload):
            write(WebSocketFrame.control(.pong, payload))
            flush()
        case .pong:
            break
        case .close(let code):
            if state == .open { close(code ?? .normal) }
            context.close(promise: nil)
        }
    }

    /// Closes on a frame that breaks the protocol; nothing behind it is read.
    private func fail(_ code: WebSocketCloseCode, _ context: ChannelHandlerContext) {
        close(code)
        context.close(promise: nil)
    }

    private func end() {
        guard state != .closed else { return }
        state = .closed
        let peer = peer.take()
        peer?.closed(self)
    }
}
