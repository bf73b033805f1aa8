internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One HTTP connection on which one request after the other is made. It is opened anew when the server has closed it.
/// Confined to the endpoint's event loop.
final class HTTPRequester {
    struct Answer {
        var status: Int
        var body = ByteBuffer()
    }

    typealias Answered = (Result<Answer, SocketIOClientError>) -> Void

    private let endpoint: ClientEndpoint
    private var channel: (any Channel)?
    private var isClosed = false

    init(_ endpoint: ClientEndpoint) { self.endpoint = endpoint }

    /// Makes a request. The one before it has been answered.
    func request(_ method: HTTPMethod, _ target: String, body: ByteBuffer? = nil, answered: @escaping Answered) {
        if let channel, channel.isActive { return write(method, target, body, to: channel, answered) }
        let endpoint = endpoint
        endpoint.bootstrap()
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try endpoint.secure(channel)
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTPResponseReader())
                }
            }
            .connect(host: endpoint.address.host, port: endpoint.address.port)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    self.channel = channel
                    self.isClosed
                        ? channel.close(promise: nil) : self.write(method, target, body, to: channel, answered)
                case .failure(let error):
                    answered(.failure(SocketIOClientError(opening: error)))
                }
            }
    }

    func close() {
        isClosed = true
        channel?.close(promise: nil)
    }

    private func write(
        _ method: HTTPMethod,
        _ target: String,
        _ body: ByteBuffer?,
        to channel: any Channel,
        _ answered: @escaping Answered
    ) {
        guard let reader = try? channel.pipeline.syncOperations.handler(type: HTTPResponseReader.self) else {
            return answered(.failure(.closed))
        }
        var headers = HTTPHeaders([("Host", endpoint.address.authority)] + endpoint.headers)
        if let body {
            headers.add(name: "Content-Type", value: "text/plain; charset=UTF-8")
            headers.add(name: "Content-Length", value: String(body.readableBytes))
        }
        reader.ask(HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: headers), body, answered)
    }
}

/// Sends a request and gathers what is answered.
private final class HTTPResponseReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Larger than every answer to a poll.
    private static let bodyBytesMax = 16 * 1024 * 1024

    private var context: ChannelHandlerContext?
    private var answered: HTTPRequester.Answered?
    private var answer = HTTPRequester.Answer(status: 0)
    private var keepsAlive = true

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func ask(_ head: HTTPRequestHead, _ body: ByteBuffer?, _ answered: @escaping HTTPRequester.Answered) {
        guard let context else { return answered(.failure(.closed)) }
        self.answered = answered
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer = HTTPRequester.Answer(status: Int(head.status.code))
            keepsAlive = head.isKeepAlive
        case .body(let part):
            guard answer.body.readableBytes + part.readableBytes <= Self.bodyBytesMax else {
                return fail(.protocolViolation("an endless answer"), context)
            }
            answer.body.writeImmutableBuffer(part)
        case .end:
            let answered = answered
            self.answered = nil
            // Before the owner is told, who may ask for the next thing at once; and after this is no open request.
            if !keepsAlive { context.close(promise: nil) }
            answered?(.success(answer))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.closed, context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(SocketIOClientError(opening: error), context)
    }

    private func fail(_ error: SocketIOClientError, _ context: ChannelHandlerContext) {
        let answered = answered
        self.answered = nil
        context.close(promise: nil)
        answered?(.failure(error))
    }
}
