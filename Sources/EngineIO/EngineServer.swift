import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1

/// An Engine.IO 4 server: opens sessions and brings each request to the session it belongs to.
///
/// It does not listen by itself: hand it the exchanges whose path is its own.
public final class EngineServer: Sendable {
    /// How the server behaves.
    public let configuration: EngineConfiguration
    /// The loops that sessions live on.
    public let mailboxes: LoopMailboxes

    let pingInterval: TimeAmount
    let pingTimeout: TimeAmount
    private let opened: @Sendable (EngineSession, LoopContext) -> any EngineSessionHandler
    private let state = NIOLockedValueBox(State())

    private struct State {
        var sessions: [String: EngineSession] = [:]
        /// How many sessions each address has, where that is limited.
        var addresses: [String: Int] = [:]
        var isDraining = false
    }

    /// Serves clients on the loops of `mailboxes`.
    ///
    /// - Parameter opened: Called on the session's home loop when a client has come; returns the application's half.
    public init(
        configuration: EngineConfiguration = EngineConfiguration(),
        mailboxes: LoopMailboxes,
        opened: @escaping @Sendable (EngineSession, LoopContext) -> any EngineSessionHandler
    ) {
        precondition(configuration.path.hasPrefix("/") && configuration.path.hasSuffix("/"), "a path is /like/this/")
        self.configuration = configuration
        pingInterval = TimeAmount(configuration.pingInterval)
        pingTimeout = TimeAmount(configuration.pingTimeout)
        self.mailboxes = mailboxes
        self.opened = opened
    }

    /// How many sessions are open.
    public var sessionCount: Int { state.withLockedValue { $0.sessions.count } }

    /// Whether the path of a request is the server's own.
    public func owns(_ path: Substring) -> Bool {
        path.hasPrefix(configuration.path) || path == configuration.path.dropLast()
    }

    /// Refuses new sessions from now on; open ones stay.
    public func drain() {
        state.withLockedValue { $0.isDraining = true }
    }

    /// Takes new sessions again.
    public func resume() {
        state.withLockedValue { $0.isDraining = false }
    }

    /// The open sessions, for work on all of them.
    var openSessions: [EngineSession] { state.withLockedValue { Array($0.sessions.values) } }

    /// Closes every session.
    public func closeAll(_ reason: CloseReason) {
        for session in state.withLockedValue({ Array($0.sessions.values) }) { session.close(reason) }
    }

    // MARK: Requests

    /// Answers a request, in time: a poll waits for packets.
    ///
    /// Call it on the event loop of the exchange's channel, which is one of the server's.
    public func handle(_ exchange: HTTPExchange) {
        do throws(EngineError) {
            try route(exchange)
        } catch {
            refuse(exchange, error)
        }
    }

    private func route(_ exchange: HTTPExchange) throws(EngineError) {
        let headers = exchange.head.headers
        guard configuration.origins.allows(headers) else { throw .forbidden("Origin not allowed") }
        if exchange.head.method == .OPTIONS { return answerPreflight(exchange) }
        let query = Query(uri: exchange.head.uri)
        let transport = query["transport"]
        guard transport == "polling" || transport == "websocket" else { throw .unknownTransport }
        guard query["EIO"] == "4" else { throw .unsupportedProtocolVersion }
        let wantsWebSocket = transport == "websocket"
        guard wantsWebSocket == exchange.isWebSocketUpgrade else { throw .badRequest }

        guard let id = query["sid"] else {
            guard exchange.head.method == .GET else { throw .badHandshakeMethod }
            return open(exchange, over: wantsWebSocket)
        }
        guard let session = state.withLockedValue({ $0.sessions[id] }) else { throw .unknownSession }
        switch (wantsWebSocket, exchange.head.method) {
        case (true, _): try beginUpgrade(of: session, exchange)
        case (false, .GET): mailboxes.post(on: session) { _ in session.poll(exchange) }
        case (false, .POST): mailboxes.post(on: session) { _ in session.post(exchange) }
        case (false, _): throw .badRequest
        }
    }

    /// Answers a CORS preflight; only listed origins get permission (Fetch standard, section 3.2).
    private func answerPreflight(_ exchange: HTTPExchange) {
        var headers = corsHeaders(exchange)
        if !headers.isEmpty {
            headers.add(name: "access-control-allow-methods", value: "GET,POST")
            let allowed = configuration.cors.allowedHeaders.joined(separator: ",")
            headers.add(name: "access-control-allow-headers", value: allowed)
            if let maxAge = configuration.cors.maxAge {
                headers.add(name: "access-control-max-age", value: String(maxAge.components.seconds))
            }
        }
        exchange.respond(.noContent, headers: headers)
    }

    // MARK: Handshake

    private func open(_ exchange: HTTPExchange, over webSocket: Bool) {
        guard let allowRequest = configuration.allowRequest else { return admit(exchange, webSocket) }
        let request = EngineRequest(exchange)
        // The answer outlives this call but not the exchange, which is what it is for.
        Task {
            let refusal = await allowRequest(request)
            exchange.channel.eventLoop.execute {
                if let refusal {
                    self.refuse(exchange, .forbidden(refusal))
                } else {
                    self.admit(exchange, webSocket)
                }
            }
        }
    }

    private func admit(_ exchange: HTTPExchange, _ webSocket: Bool) {
        guard !state.withLockedValue({ $0.isDraining }) else { return refuse(exchange, .draining) }
        let context = mailboxes.current(exchange.channel.eventLoop)
        guard takeAddress(of: exchange) else { return refuse(exchange, .tooManySessions) }
        context.turn {
            if webSocket { admitWebSocket(exchange, context) } else { admitPolling(exchange, context) }
        }
    }

    private func admitPolling(_ exchange: HTTPExchange, _ context: LoopContext) {
        let session = makeSession(exchange, context, .polling(nil))
        answer(
            exchange,
            "text/plain; charset=UTF-8",
            PollingPayload.encode([openPacket(session, upgrades: "\"websocket\"")]),
            cookie: configuration.cookie?.value(session.id),
            in: context
        )
        begin(session, context)
    }

    private func admitWebSocket(_ exchange: HTTPExchange, _ context: LoopContext) {
        let compression = WebSocketHandler.Compression(configuration.perMessageDeflate, for: exchange.head)
        guard var response = WebSocketHandshake.response(to: exchange.head, compression?.agreement) else {
            giveBackAddress(of: exchange.remoteAddress)
            return refuse(exchange, .badRequest)
        }
        let socket = WebSocketHandler(
            channel: exchange.channel,
            context: context,
            limits: WebSocketHandler.Limits(messageBytesMax: configuration.maxPayload),
            compression: compression
        )
        let session = makeSession(exchange, context, .webSocket(socket))
        if let cookie = configuration.cookie {
            response.headers.add(name: "set-cookie", value: cookie.value(session.id))
        }
        socket.setPeer(session)
        session.append([openPacket(session, upgrades: "")])
        begin(session, context)
        if !exchange.replaceProtocol(answering: response, with: [socket]) { session.end(.transportClose) }
    }

    private func beginUpgrade(of session: EngineSession, _ exchange: HTTPExchange) throws(EngineError) {
        let compression = WebSocketHandler.Compression(configuration.perMessageDeflate, for: exchange.head)
        guard let response = WebSocketHandshake.response(to: exchange.head, compression?.agreement) else {
            throw .badRequest
        }
        let context = mailboxes.current(exchange.channel.eventLoop)
        let probe = UpgradeProbe(
            session: session,
            channel: exchange.channel,
            context: context,
            compression: compression
        )
        guard exchange.replaceProtocol(answering: response, with: [probe.socket]) else { return probe.abandon() }
        mailboxes.post(on: session) { _ in session.greet(probe) }
    }

    private func makeSession(
        _ exchange: HTTPExchange,
        _ context: LoopContext,
        _ transport: EngineSession.Transport
    ) -> EngineSession {
        let id = EngineSessionID.make(owner: configuration.owner)
        let request = EngineRequest(exchange)
        let session = EngineSession(id: id, request: request, server: self, context: context, transport: transport)
        state.withLockedValue { $0.sessions[id] = session }
        return session
    }

    private func begin(_ session: EngineSession, _ context: LoopContext) {
        session.beginPingInterval()
        session.application = opened(session, context)
    }

    private func openPacket(_ session: EngineSession, upgrades: String) -> OutboundPacket {
        let json = """
            {"sid":"\(session.id)","upgrades":[\(upgrades)],\
            "pingInterval":\(configuration.pingInterval.wholeMilliseconds),\
            "pingTimeout":\(configuration.pingTimeout.wholeMilliseconds),\
            "maxPayload":\(configuration.maxPayload)}
            """
        return .control(.open, ByteBuffer(string: json))
    }

    func forget(_ session: EngineSession) {
        _ = state.withLockedValue { $0.sessions.removeValue(forKey: session.id) }
        giveBackAddress(of: session.request.remoteAddress)
    }

    // MARK: Addresses

    /// Counts a new session of an address; false when it has as many as it may.
    private func takeAddress(of exchange: HTTPExchange) -> Bool {
        guard let limit = configuration.sessionsPerAddressMax, let address = exchange.remoteAddress?.ipAddress else {
            return true
        }
        return state.withLockedValue { state in
            let count = state.addresses[address, default: 0]
            guard count < limit else { return false }
            state.addresses[address] = count + 1
            return true
        }
    }

    private func giveBackAddress(of remote: SocketAddress?) {
        guard configuration.sessionsPerAddressMax != nil, let address = remote?.ipAddress else { return }
        state.withLockedValue { state in
            guard let count = state.addresses[address] else { return }
            state.addresses[address] = count > 1 ? count - 1 : nil
        }
    }

    // MARK: Responses

    /// Answers that there is no such session, as for one whose owner is gone; the client opens a new one.
    public func refuseUnknownSession(_ exchange: HTTPExchange) {
        refuse(exchange, .unknownSession)
    }

    func answer(
        _ exchange: HTTPExchange,
        _ contentType: String,
        _ body: ByteBuffer,
        cookie: String? = nil,
        in context: LoopContext
    ) {
        var headers = corsHeaders(exchange)
        var body = body
        if let compression = configuration.httpCompression, body.readableBytes >= compression.threshold,
            HTTPCompression.isAccepted(exchange.head.headers["accept-encoding"])
        {
            body = context.compression.gzip(body)
            headers.add(name: "content-encoding", value: "gzip")
            headers.add(name: "vary", value: "Accept-Encoding")
        }
        if let cookie { headers.add(name: "set-cookie", value: cookie) }
        headers.add(name: "content-type", value: contentType)
        headers.add(name: "cache-control", value: "no-store")
        exchange.respond(.ok, headers: headers, body: body)
    }

    func refuse(_ exchange: HTTPExchange, _ error: EngineError) {
        var headers = corsHeaders(exchange)
        headers.add(name: "content-type", value: "application/json")
        if error == .draining { headers.add(name: "retry-after", value: "1") }
        exchange.respond(error.status, headers: headers, body: ByteBuffer(string: error.body))
    }

    private func corsHeaders(_ exchange: HTTPExchange) -> HTTPHeaders {
        guard let origin = configuration.origins.readable(exchange.head.headers) else { return [:] }
        var headers: HTTPHeaders = ["access-control-allow-origin": origin, "vary": "Origin"]
        if configuration.cors.allowsCredentials {
            headers.add(name: "access-control-allow-credentials", value: "true")
        }
        return headers
    }
}

extension Duration {
    /// As JSON shows it.
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
