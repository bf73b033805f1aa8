import EngineIO
import NIOCore
import NIOHTTP1
import NIOPosix
import SocketIO
import Synchronization
import TestSupport

/// A real Socket.IO server on a port and on event loops of its own.
struct SocketTestServer: Sendable {
    typealias Transport = TestEngineClient.Transport

    let io: SocketServer
    let engine: EngineServer
    let port: Int

    /// The default namespace.
    var root: Namespace { io.of("/") }

    /// Runs `body` with a server that is gone afterwards. Handlers are registered before the first client comes.
    static func with(
        loops: Int = 2,
        connectTimeout: Duration = .seconds(45),
        recovery: ConnectionStateRecovery? = nil,
        configure: (inout EngineConfiguration) -> Void = { _ in },
        setUp: (SocketServer) -> Void,
        _ body: (SocketTestServer) async throws -> Void
    ) async throws {
        var configuration = EngineConfiguration()
        // A client answers pings only while it waits for packets, which some tests do late.
        configuration.pingInterval = .seconds(3_600)
        configure(&configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        do {
            let mailboxes = LoopMailboxes(group)
            let io = SocketServer(
                mailboxes: mailboxes,
                connectTimeout: connectTimeout,
                connectionStateRecovery: recovery
            )
            setUp(io)
            let engine = EngineServer(configuration: configuration, mailboxes: mailboxes, opened: io.open)
            let listener = try await HTTPListener.bind(
                host: "127.0.0.1",
                port: 0,
                on: group,
                bodyRule: { [maxPayload = configuration.maxPayload] _ in .init(bytesMax: maxPayload) },
                handle: { exchange in
                    if engine.owns(exchange.path) { engine.handle(exchange) } else { exchange.respond(.notFound) }
                }
            )
            try await body(SocketTestServer(io: io, engine: engine, port: listener.localAddress?.port ?? 0))
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
    }

    /// A client that has opened its connection and joined no namespace.
    func open(_ transport: Transport) async throws -> TestSocketClient {
        TestSocketClient(engine: try await .open(transport, port: port, path: "/socket.io/"))
    }

    /// A client that is in a namespace.
    func connect(
        _ transport: Transport = .webSocket,
        to namespace: String = "/",
        auth: String = ""
    ) async throws -> TestSocketClient {
        let client = try await open(transport)
        try await client.connect(to: namespace, auth: auth)
        return client
    }

    /// Whether a client that comes now is served: what every hostile test ends with.
    func servesTheNextClient() async throws -> Bool {
        for transport in Transport.allCases {
            let client = try await connect(transport)
            client.engine.abandon()
        }
        return true
    }
}

/// A Socket.IO client that says and hears packets as they stand on the wire, without Engine.IO's `4` in front.
final class TestSocketClient: Sendable {
    let engine: TestEngineClient

    init(engine: TestEngineClient) { self.engine = engine }

    /// Sends packets, texts and attachments, in one piece where the transport can.
    func send(_ packets: TestEngineClient.Packet...) async throws {
        for packet in packets {
            switch packet {
            case .text(let text): try await engine.send(.text("4" + text))
            case .binary: try await engine.send(packet)
            }
        }
    }

    /// Waits for the next text packet or attachment.
    func receive() async throws -> TestEngineClient.Packet {
        let packet = try await engine.receive()
        guard case .text(let text) = packet else { return packet }
        guard text.hasPrefix("4") else { throw TestConnection.Failure.unexpected(text) }
        return .text(String(text.dropFirst()))
    }

    /// Waits for a text packet.
    func receiveText() async throws -> String {
        let packet = try await receive()
        guard case .text(let text) = packet else { throw TestConnection.Failure.unexpected("\(packet)") }
        return text
    }

    /// Joins a namespace and returns the socket's id.
    @discardableResult
    func connect(to namespace: String = "/", auth: String = "") async throws -> String {
        let prefix = namespace == "/" ? "0" : "0\(namespace),"
        try await send(.text(prefix + auth))
        let answer = try await receiveText()
        let start = prefix + "{\"sid\":\""
        guard answer.hasPrefix(start), answer.hasSuffix("\"}") else { throw TestConnection.Failure.unexpected(answer) }
        return String(answer.dropFirst(start.count).dropLast(2))
    }
}

/// What a handler saw, in order.
final class Log: Sendable {
    private let entries = Mutex<[String]>([])

    func add(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }

    /// Waits until there are `count` entries.
    func waitFor(_ count: Int) async throws {
        try await eventually("\(count) entries are logged") { self.all.count >= count }
    }
}
