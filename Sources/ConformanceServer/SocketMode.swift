import ArgumentParser
import EngineIO
import NIOPosix
import SocketIO

/// Sends back what it gets, on `/` and `/custom`.
struct SocketMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "socket", abstract: "The Socket.IO 5 suite's server.")

    @OptionGroup var listen: ListenOptions

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let mailboxes = LoopMailboxes(group)
        let io = SocketServer(mailboxes: mailboxes, connectTimeout: .seconds(1))
        for name in ["/", "/custom"] {
            io.of(name).onConnection { socket in
                socket.emit(Payload(event: "auth", argument: socket.handshake.authJSON))
            }
        }
        io.of("/").on("message") { socket, event in socket.emit(event.renamed("message-back")) }
        io.of("/").on("message-with-ack") { _, event in event.acknowledgement?.send(event.arguments) }
        let engine = EngineServer(configuration: listen.applied(to: .suite), mailboxes: mailboxes, opened: io.open)
        try await listen.serve(engine, on: group)
    }
}
