public import NIOCore
public import NIOHTTP1

/// Gathers the requests of an HTTP/1.1 connection and hands them on whole, one after the other.
///
/// Every request may ask for a WebSocket, not only the connection's first one: proxies reuse connections.
public final class HTTPConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    /// Requests as the decoder cuts them.
    public typealias InboundIn = HTTPServerRequestPart
    /// Responses as exchanges write them.
    public typealias OutboundIn = HTTPServerResponsePart
    /// Responses as the encoder takes them.
    public typealias OutboundOut = HTTPServerResponsePart

    /// The headers and the body of an answer to a request that is refused before it was read.
    public typealias Refusal = @Sendable (HTTPResponseStatus) -> (headers: HTTPHeaders, body: ByteBuffer)

    /// What a connection may cost before its request is known to be one.
    public struct Limits: Sendable {
        /// How long a request may take to arrive as a whole, from the connection's or the request's first byte.
        public var requestTimeout = TimeAmount.seconds(10)
        /// How long a connection may stay open without a request.
        public var idleTimeout = TimeAmount.seconds(75)
        /// Most header fields of a request.
        public var headersMax = 100
        /// Longest URI in bytes.
        public var uriBytesMax = 8_192

        /// The defaults.
        public init() {}
    }

    private enum State {
        case idle
        case reading(HTTPRequestHead, body: ByteBuffer, bodyBytesMax: Int)
        /// The request was refused; the rest of it is not read.
        case refused
        case answering(HTTPExchange)
        case replaced
    }

    private let limits: Limits
    private let bodyBytesMax: @Sendable (HTTPRequestHead) -> Int
    private let refusal: Refusal
    private let handle: @Sendable (HTTPExchange) -> Void
    private var state = State.idle
    private var deadline: Scheduled<Void>?

    /// Hands each request to `handle`.
    ///
    /// - Parameters:
    ///   - bodyBytesMax: The largest body that a request with this head may have; over it the answer is 413.
    ///   - refusal: What is told of a request that is too large or no HTTP; nothing by default.
    public init(
        limits: Limits = Limits(),
        bodyBytesMax: @escaping @Sendable (HTTPRequestHead) -> Int,
        refusal: @escaping Refusal = { _ in ([:], ByteBuffer()) },
        handle: @escaping @Sendable (HTTPExchange) -> Void
    ) {
        self.limits = limits
        self.bodyBytesMax = bodyBytesMax
        self.refusal = refusal
        self.handle = handle
    }

    /// Puts the HTTP handlers and this one onto a new connection.
    public func install(on channel: any Channel) throws {
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(), ByteToMessageHandler(decoder), HTTPServerPipelineHandler(),
            NIOHTTPResponseHeadersValidator(), self,
        ])
    }

    /// Begins to wait for the first request.
    public func handlerAdded(context: ChannelHandlerContext) {
        setDeadline(limits.requestTimeout, context)
    }

    /// Ends the waiting.
    public func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
    }

    /// Tells the request that waits that its client has gone.
    public func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if case .answering(let exchange) = state { exchange.abort() }
        state = .replaced
        context.fireChannelInactive()
    }

    /// Refuses what is no HTTP; closes on everything else.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .idle, .reading:
            guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
            refuse(error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest, context)
        case .answering:
            context.close(promise: nil)
        case .refused, .replaced:
            // The answer is on its way; what else is wrong with the request no longer matters.
            break
        }
    }

    /// Gathers a request.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .idle):
            begin(head, context)
        case (.body(var part), .reading(let head, var body, let bodyBytesMax)):
            guard body.readableBytes + part.readableBytes <= bodyBytesMax else {
                refuse(.payloadTooLarge, context)
                return
            }
            // Without this the buffer would be shared at the append below, and copied.
            state = .idle
            if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
            state = .reading(head, body: body, bodyBytesMax: bodyBytesMax)
        case (.end, .reading(let head, let body, _)):
            deadline?.cancel()
            let exchange = HTTPExchange(head: head, body: body, channel: context.channel)
            state = .answering(exchange)
            handle(exchange)
        case (_, .refused), (_, .replaced), (_, .idle), (_, .answering), (.head, .reading):
            break
        }
    }

    /// Passes a response on and takes the next request after it.
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .answering(let exchange) = state else {
            context.write(data, promise: promise)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if exchange.endsConnection { head.headers.replaceOrAdd(name: "connection", value: "close") }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body(let part):
            context.write(wrapOutboundOut(.body(part)), promise: promise)
        case .end(let trailers):
            finish(exchange, trailers, context, promise)
        }
    }

    private func finish(
        _ exchange: HTTPExchange,
        _ trailers: HTTPHeaders?,
        _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        guard exchange.endsConnection else {
            state = .idle
            setDeadline(limits.idleTimeout, context)
            context.write(wrapOutboundOut(.end(trailers)), promise: promise)
            return
        }
        state = .refused
        let written = promise ?? context.eventLoop.makePromise()
        context.writeAndFlush(wrapOutboundOut(.end(trailers)), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        setDeadline(limits.requestTimeout, context)
        guard head.headers.count <= limits.headersMax, head.uri.utf8.count <= limits.uriBytesMax else {
            refuse(.requestHeaderFieldsTooLarge, context)
            return
        }
        let bodyBytesMax = bodyBytesMax(head)
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > bodyBytesMax {
            refuse(.payloadTooLarge, context)
            return
        }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        state = .reading(head, body: ByteBuffer(), bodyBytesMax: bodyBytesMax)
    }

    /// Answers a request that is not read to its end, and closes: where its body ends is not known.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        state = .refused
        deadline?.cancel()
        var (headers, body) = refusal(status)
        headers.add(name: "connection", value: "close")
        headers.add(name: "content-length", value: String(body.readableBytes))
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if body.readableBytes > 0 { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private func setDeadline(_ delay: TimeAmount, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: delay) {
            context.close(promise: nil)
        }
    }

    // MARK: Leaving HTTP

    /// See `HTTPExchange.replaceProtocol`.
    func replaceProtocol(
        answering head: HTTPResponseHead?,
        with handlers: [any ChannelHandler & Sendable],
        on channel: any Channel
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let pipelining = try pipeline.context(handlerType: HTTPServerPipelineHandler.self)
        let validator = try pipeline.context(handlerType: NIOHTTPResponseHeadersValidator.self)
        let own = try pipeline.context(handler: self)
        state = .replaced
        if let head { own.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil) }
        try pipeline.addHandlers(handlers)
        // The decoder goes last: it passes on the bytes behind the request when it is removed.
        for context in [encoder, pipelining, validator, own, decoder] {
            pipeline.removeHandler(context: context).assumeIsolated().whenFailure { _ in channel.close(promise: nil) }
        }
        channel.read()
    }
}
