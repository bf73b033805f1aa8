import EngineIO
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// A real Engine.IO server on a port and on event loops of its own. It sends every message back.
final class EngineTestServer: Sendable {
    static let path = "/engine.io/"

    let engine: EngineServer
    let port: Int
    private let state: Mutex<State>

    private struct State {
        var sessions: [EngineSession] = []
        var received: [String: [EngineMessage]] = [:]
        var closed: [String: [CloseReason]] = [:]
    }

    /// Runs `body` with a server that is gone afterwards.
    ///
    /// - Parameters:
    ///   - loops: With one loop every connection is on the same; with more, the next connection is on the next loop.
    ///   - configure: Heartbeats are far apart unless this says otherwise.
    static func with(
        loops: Int = 2,
        limits: HTTPConnectionHandler.Limits = HTTPConnectionHandler.Limits(),
        configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (EngineTestServer) async throws -> Void
    ) async throws {
        var configuration = EngineConfiguration()
        configuration.path = path
        configure(&configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        do {
            let record = Record()
            let engine = EngineServer(configuration: configuration, mailboxes: LoopMailboxes(group)) { session, _ in
                record.server.withLock { $0 }?.opened(session)
                return Echo(session: session, record: record)
            }
            let maxPayload = configuration.maxPayload
            let listener = try await HTTPListener.bind(
                host: "127.0.0.1",
                port: 0,
                on: group,
                limits: limits,
                bodyRule: { _ in .init(bytesMax: maxPayload) },
                handle: { exchange in
                    if engine.owns(exchange.path) { engine.handle(exchange) } else { exchange.respond(.notFound) }
                }
            )
            let server = EngineTestServer(engine, port: listener.localAddress?.port ?? 0)
            record.server.withLock { $0 = server }
            defer { record.server.withLock { $0 = nil } }
            try await body(server)
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    /// Runs `body`, which attacks the server, and checks that a client that comes then is served.
    static func underAttack(
        limits: HTTPConnectionHandler.Limits = HTTPConnectionHandler.Limits(),
        configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (EngineTestServer) async throws -> Void
    ) async throws {
        try await with(limits: limits, configure: configure) { server async throws in
            try await body(server)
            #expect(try await server.servesTheNextClient())
        }
    }

    private init(_ engine: EngineServer, port: Int) {
        self.engine = engine
        self.port = port
        state = Mutex(State())
    }

    fileprivate func opened(_ session: EngineSession) {
        state.withLock { $0.sessions.append(session) }
    }

    fileprivate func received(_ message: EngineMessage, of session: EngineSession) {
        state.withLock { $0.received[session.id, default: []].append(message) }
    }

    fileprivate func closed(_ session: EngineSession, _ reason: CloseReason) {
        state.withLock { $0.closed[session.id, default: []].append(reason) }
    }

    // MARK: For tests

    /// The sessions that were opened, in their order.
    var sessions: [EngineSession] { state.withLock { $0.sessions } }

    /// What the application was told that the client sent.
    func messages(of client: TestEngineClient) -> [EngineMessage] {
        state.withLock { $0.received[client.handshake.sid] ?? [] }
    }

    /// What the application was told about the end of a session.
    func closeReasons(_ client: TestEngineClient) -> [CloseReason] {
        state.withLock { $0.closed[client.handshake.sid] ?? [] }
    }

    /// Waits until the session has ended, and checks that the application heard of it.
    func ends(_ client: TestEngineClient) async throws -> CloseReason? {
        try await eventually("the session ends") { !self.closeReasons(client).isEmpty }
        return closeReasons(client).first
    }

    func open(
        _ transport: TestEngineClient.Transport,
        query: String = "",
        headers: [(String, String)] = [],
        answersPings: Bool = true
    ) async throws -> TestEngineClient {
        try await .open(
            transport,
            port: port,
            path: Self.path,
            query: query,
            headers: headers,
            answersPings: answersPings
        )
    }

    func request(
        _ method: String = "GET",
        _ uri: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> TestResponse {
        try await TestHTTP.request(method, port: port, uri, headers: headers, body: body)
    }

    /// A request of a client's session over polling.
    func request(_ method: String = "GET", of client: TestEngineClient, body: String? = nil) async throws
        -> TestResponse
    {
        try await request(method, client.uri(.polling), body: body)
    }

    /// Whether a client that comes now is served: what every hostile test ends with.
    func servesTheNextClient() async throws -> Bool {
        for transport in TestEngineClient.Transport.allCases {
            let client = try await open(transport)
            defer { client.abandon() }
            try await client.send("4still here")
            guard try await client.receive() == "4still here" else { return false }
        }
        return true
    }
}

/// Lets the application's half reach the server, which exists only after its port is known.
private final class Record: Sendable {
    let server = Mutex<EngineTestServer?>(nil)
}

private final class Echo: EngineSessionHandler {
    private let session: EngineSession
    private let record: Record

    init(session: EngineSession, record: Record) {
        self.session = session
        self.record = record
    }

    func received(_ message: EngineMessage, in context: LoopContext) {
        record.server.withLock { $0 }?.received(message, of: session)
        session.enqueue([.message(message)], volatile: false, in: context)
    }

    func closed(_ reason: CloseReason, in context: LoopContext) {
        record.server.withLock { $0 }?.closed(session, reason)
    }
}
