package import NIOCore
import NIOHTTP1

/// Speaks WebSocket on a connection: frames in, messages to the peer; packets out as the frames they are.
///
/// One handler with its own parser instead of a chain of codecs, because an idle socket then costs a third of the
/// memory and an echo an eighth of the time. Confined to the channel's event loop.
package final class WebSocketHandler: ChannelInboundHandler, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Who is told what happens on the connection.
    package protocol Peer: AnyObject, Sendable {
        func received(_ message: EngineMessage, on socket: WebSocketHandler)
        func closed(_ socket: WebSocketHandler)
        func becameWritable(_ socket: WebSocketHandler)
    }

    /// What one message may cost.
    package struct Limits: Sendable {
        package var messageBytesMax: Int
        package var fragmentsMax = WebSocketParser.fragmentsMax

        package init(messageBytesMax: Int) {
            self.messageBytesMax = messageBytesMax
        }
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

    /// How messages are compressed, as the client asked for it.
    struct Compression {
        var agreement: PerMessageDeflate.Agreement
        var threshold: Int

        /// Nil when the server does not compress, or the client offered nothing that can be taken.
        init?(_ options: PerMessageDeflate?, for head: HTTPRequestHead) {
            guard let options, let agreement = PerMessageDeflate.agree(on: head.headers["sec-websocket-extensions"])
            else { return nil }
            self.agreement = agreement
            threshold = options.threshold
        }
    }

    private enum State {
        case open
        /// Our close frame is on its way, the peer's is awaited.
        case closing
        case closed
    }

    init(channel: any Channel, context: LoopContext, limits: Limits, compression: Compression? = nil) {
        self.channel = channel
        self.compression = compression
        loopContext = context
        parser = WebSocketParser(limits: limits, inflater: compression.map { _ in context.compression.inflater })
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
    package func write(_ packet: OutboundPacket) {
        guard let compression, packet.content.readableBytes >= compression.threshold else {
            return write(packet.frame)
        }
        write(loopContext.compressedFrame(of: packet, windowBits: compression.agreement.windowBits))
    }

    /// Queues a frame for the next flush.
    func write(_ frame: ByteBuffer) {
        guard state == .open, let context else { return }
        context.write(wrapOutboundOut(frame), promise: nil)
    }

    /// Sends what is queued.
    package func flush() {
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

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        parser.feed(unwrapInboundIn(data))
        // All that one read brought is one turn, so the answers to it leave in one write.
        loopContext.turn {
            do throws(WebSocketCloseCode) {
                while state != .closed, let event = try parser.next() { take(event, context) }
            } catch {
                fail(error)
            }
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { peer?.becameWritable(self) }
        context.fireChannelWritabilityChanged()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func take(_ event: WebSocketParser.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .text(let text):
            if state == .open { peer?.received(.text(text), on: self) }
        case .binary(let bytes):
            if state == .open { peer?.received(.binary(bytes), on: self) }
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

    /// Closes on what breaks the protocol; nothing behind it is read.
    func fail(_ code: WebSocketCloseCode) {
        close(code)
        context?.close(promise: nil)
    }

    private func end() {
        guard state != .closed else { return }
        state = .closed
        let peer = peer.take()
        peer?.closed(self)
    }
}
