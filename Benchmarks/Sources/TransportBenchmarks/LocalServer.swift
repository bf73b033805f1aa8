import EngineIO
import NIOCore
import NIOPosix
import SocketIO

/// A server in this process, on one event loop.
struct LocalServer {
    let io: SocketServer
    let port: Int
    private let group: MultiThreadedEventLoopGroup

    static func start(_ setUp: (Namespace) -> Void) async throws -> LocalServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let mailboxes = LoopMailboxes(group)
        let io = SocketServer(mailboxes: mailboxes)
        setUp(io.of("/"))
        // The clients answer no pings, and a ping between two answers would only be in the way.
        var configuration = EngineConfiguration()
        configuration.pingInterval = .seconds(3_600)
        let engine = EngineServer(configuration: configuration, mailboxes: mailboxes, opened: io.open)
        let listener = try await HTTPListener.bind(
            host: "127.0.0.1",
            port: 0,
            on: group,
            bodyRule: { _ in .init(bytesMax: engine.configuration.maxPayload) },
            handle: engine.handle
        )
        return LocalServer(io: io, port: listener.localAddress?.port ?? 0, group: group)
    }

    func stop() async throws { try await group.shutdownGracefully() }
}

/// `text` filled up to `count` bytes: as long as a short chat message in its event.
func eventText(bytes count: Int) -> String {
    let frame = "42[\"message\",\"\"]"
    return "42[\"message\",\"\(String(repeating: "x", count: count - frame.utf8.count))\"]"
}

extension Duration {
    var seconds: Double { self / .seconds(1) }
}
