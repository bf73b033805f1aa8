import ArgumentParser
import EngineIO
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// What every mode takes from the command line.
struct ListenOptions: ParsableArguments {
    @Option(help: "The TCP port to listen on.")
    var port = 3000

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Milliseconds between two pings instead of the suite's, for measurements.")
    var pingInterval: Int?

    /// The heartbeat that was asked for, in the place of `configuration`'s.
    func applied(to configuration: EngineConfiguration) -> EngineConfiguration {
        guard let pingInterval else { return configuration }
        var configuration = configuration
        configuration.pingInterval = .milliseconds(pingInterval)
        configuration.pingTimeout = .milliseconds(pingInterval)
        return configuration
    }

    /// Serves until the process is stopped; everything outside of the engine's path is answered with 404.
    func serve(_ engine: EngineServer, on group: any EventLoopGroup) async throws {
        try await serve(on: group, bodyBytesMax: engine.configuration.maxPayload) { exchange in
            if engine.owns(exchange.path) { engine.handle(exchange) } else { Self.refuse(exchange) }
        }
    }

    /// Hands every request to `handle` until the process is stopped.
    func serve(
        on group: any EventLoopGroup,
        bodyBytesMax: Int,
        handle: @escaping @Sendable (HTTPExchange) -> Void
    ) async throws {
        OpenFiles.allowMost()
        let channel = try await HTTPListener.bind(
            host: host,
            port: port,
            on: group,
            bodyRule: { _ in .init(bytesMax: bodyBytesMax) },
            handle: handle
        )
        print("listening on \(host):\(port)")
        // A runner that reads the line through a pipe would wait for a full buffer.
        fflush(nil)
        try await channel.closeFuture.get()
    }

    /// With a text, so that a browser makes a page of it, of which a client can be run.
    private static func refuse(_ exchange: HTTPExchange) {
        exchange.respond(.notFound, headers: ["content-type": "text/plain"], body: ByteBuffer(string: "Not Found\n"))
    }
}

extension EngineConfiguration {
    /// The short heartbeat of the protocol suites.
    static var suite: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.pingInterval = .milliseconds(300)
        configuration.pingTimeout = .milliseconds(200)
        return configuration
    }
}
