import ArgumentParser
import EngineIO
import NIOCore
import NIOPosix
import SocketIO

/// What the test suite of the stock JavaScript client expects of its server.
struct ClientMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "The stock JavaScript client's suite's server."
    )

    /// Some cases need a handshake that is not instantaneous.
    private static let handshakeDelay = Duration.milliseconds(10)

    @OptionGroup var listen: ListenOptions

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let mailboxes = LoopMailboxes(group)
        let io = SocketServer(mailboxes: mailboxes, connectionStateRecovery: ConnectionStateRecovery())
        setUpNamespaces(of: io)
        ClientModeEvents().register(on: io.of("/"))
        var configuration = EngineConfiguration()
        configuration.pingInterval = .seconds(2)
        configuration.allowRequest = { _ in
            try? await Task.sleep(for: Self.handshakeDelay)
            return nil
        }
        try await listen.serve(
            EngineServer(configuration: configuration, mailboxes: mailboxes, opened: io.open),
            on: group
        )
    }

    private func setUpNamespaces(of io: SocketServer) {
        for name in ["/timeout_socket", "/valid", "/asd"] { _ = io.of(name) }
        io.of("/foo").on("getId") { socket, event in try? event.acknowledgement?(socket.id) }
        io.of("/abc").onConnection { socket in
            socket.emit(Payload(event: "handshake", argument: socket.handshake.json))
        }
        io.of("/no").use { _ in throw ConnectError("Auth failed (custom namespace)") }
        io.of("/").use { socket in
            if socket.handshake.request.query["fail"] != nil { throw ConnectError("Auth failed (main namespace)") }
        }
    }
}
