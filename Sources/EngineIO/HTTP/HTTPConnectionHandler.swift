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

    /// What a request may bring, decided by its head.
    public struct BodyRule: Sendable {
        /// The largest body; over it the answer is 413.
        public var bytesMax: Int
        /// How long the request may take to arrive, where that is longer than usual.
        public var timeout: TimeAmount?
        /// Asked before the body is read: until the answer hardly more of it is taken in than has arrived with the head.
        public var admit: (@Sendable () async -> Admission)?

        /// A rule for bodies of up to so many bytes.
        public init(
            bytesMax: Int,
            timeout: TimeAmount? = nil,
            admit: (@Sendable () async -> Admission)? = nil
        ) {
            self.bytesMax = bytesMax
            self.timeout = timeout
            self.admit = admit
        }
    }

    /// Whether the body of a request is read.
    public enum Admission: Sendable {
        /// It is; `permit` is held until the request was answered or its connection ended.
        case granted(permit: (any AnyObject & Sendable)?)
        /// It is thrown away, and this is the answer.
        case refused(HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer)
    }

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
        case reading(Reading)
        /// The request was refused; the rest of it is not read.
        case refused
        case answering(HTTPExchange)
        case replaced
    }

    /// A request that is arriving.
    private struct Reading {
        let head: HTTPRequestHead
        let bodyBytesMax: Int
        var body = ByteBuffer()
        /// Nil while it is not known yet.
        var admission: Admission?
        var hasArrived = false
    }

    private let limits: Limits
    private let bodyRule: @Sendable (HTTPRequestHead) -> BodyRule
    private let refusal: Refusal
    private let handle: @Sendable (HTTPExchange) -> Void
    private var state = State.idle
    private var deadline: Scheduled<Void>?
    /// Counts requests, so that an admission that comes late is not taken for the next one's.
    private var requests = 0

    /// Hands each request to `handle`.
    ///
    /// - Parameters:
    ///   - bodyRule: What a request with this head may bring.
    ///   - refusal: What is told of a request that is too large or no HTTP; nothing by default.
    public init(
        limits: Limits = Limits(),
        bodyRule: @escaping @Sendable (HTTPRequestHead) -> BodyRule,
        refusal: @escaping Refusal = { _ in ([:], ByteBuffer()) },
        handle: @escaping @Sendable (HTTPExchange) -> Void
    ) {
        self.limits = limits
        self.bodyRule = bodyRule
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
        case (.body(var part), .reading(var reading)):
            if case .refused = reading.admission { return }
            guard reading.body.readableBytes + part.readableBytes <= reading.bodyBytesMax else {
                refuse(.payloadTooLarge, context)
                return
            }
            // Without this the buffer would be shared at the append below, and copied.
            state = .idle
            if reading.body.readableBytes == 0 { reading.body = part } else { reading.body.writeBuffer(&part) }
            state = .reading(reading)
        case (.end, .reading(var reading)):
            deadline?.cancel()
            reading.hasArrived = true
            state = .reading(reading)
            finishReading(reading, context)
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
        let rule = bodyRule(head)
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > rule.bytesMax {
            refuse(.payloadTooLarge, context)
            return
        }
        if let timeout = rule.timeout { setDeadline(timeout, context) }
        requests += 1
        guard let admit = rule.admit else {
            sendContinue(head, context)
            state = .reading(Reading(head: head, bodyBytesMax: rule.bytesMax, admission: .granted(permit: nil)))
            return
        }
        state = .reading(Reading(head: head, bodyBytesMax: rule.bytesMax))
        ask(admit, context)
    }

    /// Reads no further until it is known whether the body is wanted.
    private func ask(_ admit: @escaping @Sendable () async -> Admission, _ context: ChannelHandlerContext) {
        let request = requests
        let channel = context.channel
        _ = channel.setOption(.autoRead, value: false)
        channel.eventLoop.makeFutureWithTask(admit).assumeIsolated().whenSuccess { admission in
            _ = channel.setOption(.autoRead, value: true)
            guard case .reading(var reading) = self.state, self.requests == request else { return }
            reading.admission = admission
            if case .refused = admission { reading.body = ByteBuffer() }
            self.state = .reading(reading)
            if case .granted = admission { self.sendContinue(reading.head, context) }
            self.finishReading(reading, context)
        }
    }

    /// Hands on a request that has arrived and is wanted, and answers one that is not. A refusal waits for the end of the
    /// body too: a client that is still sending would not read it.
    private func finishReading(_ reading: Reading, _ context: ChannelHandlerContext) {
        guard let admission = reading.admission else { return }
        guard reading.hasArrived || Self.awaitsContinue(reading.head) else { return }
        switch admission {
        case .granted(let permit):
            guard reading.hasArrived else { return }
            let exchange = HTTPExchange(
                head: reading.head,
                body: reading.body,
                channel: context.channel,
                permit: permit
            )
            state = .answering(exchange)
            handle(exchange)
        case .refused(let status, let headers, let body):
            guard reading.hasArrived else { return refuse(status, headers, body, context) }
            let exchange = HTTPExchange(head: reading.head, body: ByteBuffer(), channel: context.channel)
            state = .answering(exchange)
            exchange.respond(status, headers: headers, body: body)
        }
    }

    private static func awaitsContinue(_ head: HTTPRequestHead) -> Bool {
        head.headers.first(name: "expect")?.lowercased() == "100-continue"
    }

    private func sendContinue(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard Self.awaitsContinue(head) else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    /// Answers a request that is not read to its end, and closes: where its body ends is not known.
    private func refuse(_ status: HTTPResponseStatus, _ context: ChannelHandlerContext) {
        let (headers, body) = refusal(status)
        refuse(status, headers, body, context)
    }

    private func refuse(
        _ status: HTTPResponseStatus,
        _ headers: HTTPHeaders,
        _ body: ByteBuffer,
        _ context: ChannelHandlerContext
    ) {
        state = .refused
        deadline?.cancel()
        var headers = headers
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
