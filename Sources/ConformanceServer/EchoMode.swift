import ArgumentParser
import EngineIO
import NIOCore
import NIOPosix

/// Sends every WebSocket message back, without Engine.IO: what suites of the WebSocket protocol itself speak to.
struct EchoMode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "echo", abstract: "A bare WebSocket echo.")

    /// The longest message of the Autobahn suite.
    private static let messageBytesMax = 16 << 20
    /// The suite cuts messages of 4 MiB into pieces of 64 bytes, and an empty one at the end.
    private static let fragmentsMax = (4 << 20) / 64 + 1

    @OptionGroup var listen: ListenOptions

    @Flag(help: "Compress messages for clients that offer permessage-deflate.")
    var deflate = false

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let mailboxes = LoopMailboxes(group)
        var limits = WebSocketHandler.Limits(messageBytesMax: Self.messageBytesMax)
        limits.fragmentsMax = Self.fragmentsMax
        var compression: PerMessageDeflate?
        if deflate {
            compression = PerMessageDeflate()
            compression?.threshold = 1
        }
        try await listen.serve(on: group, bodyBytesMax: 0) { [limits, compression] exchange in
            _ = WebSocketHandler.accept(
                exchange,
                for: EchoPeer(),
                limits: limits,
                perMessageDeflate: compression,
                in: mailboxes.current(exchange.channel.eventLoop)
            )
        }
    }
}

private final class EchoPeer: WebSocketHandler.Peer {
    func received(_ message: EngineMessage, on socket: WebSocketHandler) {
        socket.write(.bare(message))
        socket.flush()
    }

    func closed(_ socket: WebSocketHandler) {}

    func becameWritable(_ socket: WebSocketHandler) {}
}
