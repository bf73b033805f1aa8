import EngineIO
import Fleet
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// Passes requests for another instance's session on to that instance, so that no balancer has to be sticky.
///
/// The session id names its owner; the registry knows the owner's private address. An owner that is unknown, dead or
/// silent gives what the protocol has for it: "Session ID unknown", on which a client opens a new session.
final class Relay: Sendable {
    /// How long a connection to another instance may take.
    private static let connectTimeout = TimeAmount.seconds(2)
    /// How long an owner's address is believed before the registry is asked again.
    private static let addressLifetime = Duration.seconds(5)
    /// How long an owner may take to answer what it does not hold back: all but a poll.
    private static let answerTimeout = TimeAmount.seconds(10)
    /// How often an owner that holds back the answer to a poll is looked up: its lease ends when it hangs.
    private static let lookupInterval = TimeAmount.seconds(5)

    let instanceID: String
    let secret: String
    let registry: InstanceRegistry
    let engine: EngineServer
    let logger: Logger
    private let addresses = Mutex<[String: KnownAddress]>([:])

    private struct KnownAddress {
        var host: String
        var port: Int
        var expires: ContinuousClock.Instant
    }

    init(instanceID: String, secret: String, registry: InstanceRegistry, engine: EngineServer, logger: Logger) {
        self.instanceID = instanceID
        self.secret = secret
        self.registry = registry
        self.engine = engine
        self.logger = logger
    }

    /// The other instance whose session the request is for; nil when it is for this one or opens a session.
    func foreignOwner(of exchange: HTTPExchange) -> String? {
        guard let id = Query(uri: exchange.head.uri)["sid"], let owner = EngineSessionID.owner(of: id),
            owner != instanceID
        else { return nil }
        return String(owner)
    }

    /// Has the owner answer the exchange.
    func forward(_ exchange: HTTPExchange, to owner: String) {
        // Ends when the connection to the owner stands or has failed; both have deadlines.
        Task {
            do {
                guard let address = try await address(of: owner) else { return engine.refuseUnknownSession(exchange) }
                if exchange.isWebSocketUpgrade {
                    try await glue(exchange, to: address)
                } else {
                    try await pass(exchange, to: address, of: owner)
                }
            } catch {
                addresses.withLock { $0[owner] = nil }
                logger.debug("relay failed", metadata: ["owner": "\(owner)", "error": "\(error)"])
                engine.refuseUnknownSession(exchange)
            }
        }
    }

    private func address(of owner: String) async throws -> KnownAddress? {
        if let known = addresses.withLock({ $0[owner] }), known.expires > .now { return known }
        guard let record = try await registry.find(owner), let colon = record.address.lastIndex(of: ":"),
            let port = Int(record.address[record.address.index(after: colon)...])
        else { return nil }
        let host = String(record.address[..<colon])
        let known = KnownAddress(host: host, port: port, expires: .now + Self.addressLifetime)
        addresses.withLock { addresses in
            addresses = addresses.filter { $0.value.expires > .now }
            addresses[owner] = known
        }
        return known
    }

    // MARK: Polling

    /// How long a session can be silent: the owner sends a ping at the latest, and its client answers it.
    private var silenceMax: TimeAmount {
        TimeAmount(engine.configuration.pingInterval + engine.configuration.pingTimeout) + Self.answerTimeout
    }

    private func pass(_ exchange: HTTPExchange, to address: KnownAddress, of owner: String) async throws {
        let engine = engine
        let isPoll = exchange.head.method == .GET
        let patience = isPoll ? silenceMax : Self.answerTimeout
        let head = relayedHead(exchange)
        let upstream = try await bootstrap(exchange)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(allTimeout: patience),
                        RelayedResponse(exchange: exchange, head: head) { engine.refuseUnknownSession(exchange) },
                    ])
                }
            }
            .connect(host: address.host, port: address.port)
            .get()
        if isPoll { watch(owner, of: upstream) }
    }

    /// Gives the poll up once the owner's lease has ended. A process that hangs keeps its connections.
    private func watch(_ owner: String, of upstream: any Channel) {
        let lookups = upstream.eventLoop.scheduleRepeatedAsyncTask(
            initialDelay: Self.lookupInterval,
            delay: Self.lookupInterval
        ) { _ in
            upstream.eventLoop.makeFutureWithTask {
                // Without Redis nobody knows; the poll's own timeout stays.
                let isGone = (try? await self.address(of: owner) == nil) ?? false
                if isGone { upstream.close(promise: nil) }
            }
        }
        upstream.closeFuture.whenComplete { _ in lookups.cancel() }
    }

    // MARK: WebSocket

    private func glue(_ exchange: HTTPExchange, to address: KnownAddress) async throws {
        let head = relayedHead(exchange)
        let upstream = try await bootstrap(exchange).connect(host: address.host, port: address.port).get()
        // Both connections are on one event loop, so what follows is one step for them.
        try await exchange.channel.eventLoop.submit {
            let (near, far) = GlueHandler.pair()
            try upstream.pipeline.syncOperations.addHandler(far)
            guard exchange.replaceProtocol(answering: nil, with: [near]) else {
                upstream.close(promise: nil)
                return
            }
            // Neither side is silent for longer, so a machine that went away without a word is noticed.
            for (channel, handler) in [(upstream, far), (exchange.channel, near)] {
                let watch = IdleStateHandler(readTimeout: self.silenceMax)
                try channel.pipeline.syncOperations.addHandler(watch, position: .before(handler))
            }
            upstream.writeAndFlush(head.serialized, promise: nil)
        }.get()
    }

    private func bootstrap(_ exchange: HTTPExchange) -> ClientBootstrap {
        ClientBootstrap(group: exchange.channel.eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    /// The request as the owner gets it; a secret that the client made up is overwritten.
    private func relayedHead(_ exchange: HTTPExchange) -> HTTPRequestHead {
        var head = exchange.head
        head.headers.replaceOrAdd(name: FleetSecret.header, value: secret)
        if let address = exchange.remoteAddress?.ipAddress {
            head.headers.add(name: "x-forwarded-for", value: address)
        }
        if !exchange.isWebSocketUpgrade {
            head.headers.remove(name: "transfer-encoding")
            head.headers.replaceOrAdd(name: "content-length", value: String(exchange.body.readableBytes))
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        return head
    }
}

extension HTTPRequestHead {
    /// As it stands on the wire. Names and values were read by a parser that lets no line break through.
    fileprivate var serialized: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.writeString("\(method.rawValue) \(uri) HTTP/1.1\r\n")
        for (name, value) in headers { buffer.writeString("\(name): \(value)\r\n") }
        buffer.writeString("\r\n")
        return buffer
    }
}
