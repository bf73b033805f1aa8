import EngineIO
import NIOCore
import NIOHTTP1

/// Sends a request to the owner of a session and answers the client's exchange with what comes back.
final class RelayedResponse: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Largest response that is passed on, in bytes: all that may wait for one client, with room for base64.
    private static let bodyBytesMax = 4 << 20

    private let exchange: HTTPExchange
    private let request: HTTPRequestHead
    private let fail: () -> Void
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var isDone = false

    /// - Parameter fail: Answers the client when the owner does not.
    init(exchange: HTTPExchange, head: HTTPRequestHead, fail: @escaping () -> Void) {
        self.exchange = exchange
        request = head
        self.fail = fail
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        // The owner has to learn that a poll was given up, as it would from its own client.
        let channel = context.channel
        exchange.onAbort { channel.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(var part):
            body.writeBuffer(&part)
            if body.readableBytes > Self.bodyBytesMax { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            isDone = true
            var headers = head.headers
            for name in ["connection", "keep-alive", "transfer-encoding"] { headers.remove(name: name) }
            exchange.respond(head.status, headers: headers, body: body)
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isDone { fail() }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
