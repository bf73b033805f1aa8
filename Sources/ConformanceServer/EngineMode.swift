import ArgumentParser
import EngineIO
import NIOCore
import NIOPosix

/// Echoes every message, text and binary.
struct EngineMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "engine", abstract: "The Engine.IO 4 suite's server.")

    @OptionGroup var listen: ListenOptions

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        var configuration = EngineConfiguration.suite
        configuration.path = "/engine.io/"
        let engine = EngineServer(configuration: configuration, mailboxes: LoopMailboxes(group)) { session, _ in
            Echo(session: session)
        }
        try await listen.serve(engine, on: group)
    }
}

private final class Echo: EngineSessionHandler {
    private let session: EngineSession

    init(session: EngineSession) { self.session = session }

    func received(_ message: EngineMessage, in context: LoopContext) {
        session.enqueue([.message(message)], volatile: false, in: context)
    }

    func closed(_ reason: CloseReason, in context: LoopContext) {}
}
