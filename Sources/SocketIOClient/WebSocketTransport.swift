internal import NIOCore
internal import NIOPosix
internal import NIOWebSocket

/// Packets in WebSocket frames: each text frame is one, each binary frame the content of one.
final class WebSocketTransport: ChannelInboundHandler, ClientTransport {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// Another one after an upgrade.
    var owner: any TransportOwner
    private var context: ChannelHandlerContext?

    private init(owner: any TransportOwner) { self.owner = owner }

    /// Begins to connect. The owner hears what comes of it.
    ///
    /// - Parameter sid: The session that is to be taken over from another transport; nil for a new one.
    @discardableResult
    static func open(_ endpoint: ClientEndpoint, sid: String? = nil, owner: any TransportOwner) -> WebSocketTransport {
        let transport = WebSocketTransport(owner: owner)
        let bound = NIOLoopBound(transport, eventLoop: endpoint.loop)
        endpoint.bootstrap()
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try endpoint.secure(channel)
                    try channel.pipeline.syncOperations.addHandler(
                        WebSocketOpening(endpoint, sid: sid, transport: bound.value)
                    )
                }
            }
            .connect(host: endpoint.address.host, port: endpoint.address.port)
            .assumeIsolated()
            .whenFailure { transport.owner.failed(.unreachable("\($0)")) }
        return transport
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        owner.began(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Out

    func opened(_ open: OpenPacket) {}

    func send(_ packet: ByteBuffer) { write(.text, packet) }

    func close() { context?.close(promise: nil) }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        guard let context else { return }
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: owner.received(frame.unmaskedData)
        case .binary: owner.receivedBinary(frame.unmaskedData)
        case .ping: write(.pong, frame.unmaskedData)
        case .connectionClose:
            write(.connectionClose, frame.unmaskedData)
            context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        owner.closed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        owner.failed(.protocolViolation("\(error)"))
        context.close(promise: nil)
    }
}
