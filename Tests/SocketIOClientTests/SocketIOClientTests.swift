import EngineIO
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import SocketIO
import Synchronization
import TestSupport
import Testing

@testable import SocketIOClient

@Suite("Socket.IO client")
struct SocketIOClientTests {
    /// Runs `body` with the address of a server that echoes `say` as an acknowledgement and as the event `said`.
    private func withServer(_ body: (SocketIOAddress, Namespace) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let mailboxes = LoopMailboxes(group)
        let io = SocketServer(mailboxes: mailboxes)
        let namespace = io.of("/")
        namespace.on("say") { (socket: Socket, event: Event) in
            struct Words: Codable, Sendable { var words: String }
            guard let words = try? event.decode(Words.self) else { return }
            try? event.acknowledgement?(words)
            try? socket.emit("said", words)
        }
        let engine = EngineServer(mailboxes: mailboxes, opened: io.open)
        let channel = try await HTTPListener.bind(
            host: "127.0.0.1",
            port: 0,
            on: group,
            bodyBytesMax: { _ in 100_000 },
            handle: { exchange in
                if engine.owns(exchange.path) { engine.handle(exchange) } else { exchange.respond(.notFound) }
            }
        )
        let port = try #require(channel.localAddress?.port)
        do {
            try await body(SocketIOAddress(host: "127.0.0.1", port: port), namespace)
        } catch {
            engine.closeAll(.serverShuttingDown)
            try await channel.close()
            throw error
        }
        engine.closeAll(.serverShuttingDown)
        try await channel.close()
    }

    private struct Words: Codable, Sendable, Equatable { var words: String }

    @Test("it connects every time, also when the first packet comes together with the handshake's answer")
    func connects() async throws {
        try await withServer { address, namespace in
            for _ in 0..<50 {
                let client = try await SocketIOClient.connect(to: address)
                #expect(!client.id.isEmpty)
                client.close()
            }
            try await eventually("all have left") { namespace.socketCount == 0 }
        }
    }

    @Test("an acknowledgement and an event bring what was sent")
    func echo() async throws {
        try await withServer { address, _ in
            let (heard, hear) = AsyncStream.makeStream(of: Words?.self)
            let client = try await SocketIOClient.connect(
                to: address,
                events: .init(received: { hear.yield($0.name == "said" ? try? $0.decode(Words.self) : nil) })
            )
            let words = Words(words: "ä \"quoted\" ] text")
            let answer: Words = try await client.ask("say", words)
            #expect(answer == words)
            let first = await heard.first { _ in true }
            #expect(first == words)
            client.close()
        }
    }

    @Test("what waits for an answer fails when the server closes the connection")
    func closing() async throws {
        try await withServer { address, namespace in
            let (closings, closed) = AsyncStream.makeStream(of: Void.self)
            let client = try await SocketIOClient.connect(to: address, events: .init(closed: { closed.finish() }))
            let answer = Task { () -> Words in try await client.ask("nobody listens to this", Words(words: "")) }
            try await eventually("the server has the socket") { namespace.socketCount == 1 }
            for socket in namespace.local.sockets { socket.connection.close(.serverShuttingDown) }
            for await _ in closings {}
            await #expect(throws: SocketIOClientError.closed) { _ = try await answer.value }
        }
    }

    @Test("a missing answer is a timeout")
    func timeout() async throws {
        try await withServer { address, _ in
            let client = try await SocketIOClient.connect(to: address)
            await #expect(throws: SocketIOClientError.timeout) {
                let _: Words = try await client.ask("nothing", Words(words: ""), timeout: .milliseconds(20))
            }
            client.close()
        }
    }

    @Test("a server that gives no WebSocket is named by its status")
    func refused() async throws {
        try await withServer { address, _ in
            let wrong = SocketIOAddress(host: address.host, port: address.port, path: "/elsewhere/")
            await #expect(throws: SocketIOClientError.refused(status: 404)) {
                _ = try await SocketIOClient.connect(to: wrong)
            }
        }
    }

    @Test(
        "addresses are read",
        arguments: [
            ("http://localhost:3000", SocketIOAddress(host: "localhost", port: 3000)),
            ("http://chat.example/", SocketIOAddress(host: "chat.example", port: 80)),
            ("ws://[::1]:8080/other/", SocketIOAddress(host: "::1", port: 8080, path: "/other/")),
            ("https://chat.example", SocketIOAddress(host: "chat.example", port: 443, isSecure: true)),
            ("wss://[::1]", SocketIOAddress(host: "::1", port: 443, isSecure: true)),
        ]
    )
    func address(_ text: String, _ expected: SocketIOAddress) {
        #expect(SocketIOAddress(text) == expected)
    }

    @Test(
        "what is no address is refused",
        arguments: ["", "localhost:3000", "ftp://x", "http://", "http://x:0", "http://x:y"]
    )
    func noAddress(_ text: String) {
        #expect(SocketIOAddress(text) == nil)
    }
}
