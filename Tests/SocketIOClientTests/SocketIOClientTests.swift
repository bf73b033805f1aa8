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
    private func withServer(
        _ configuration: EngineConfiguration = EngineConfiguration(),
        _ body: (SocketIOAddress, Namespace) async throws -> Void
    ) async throws {
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
        let engine = EngineServer(configuration: configuration, mailboxes: mailboxes, opened: io.open)
        let channel = try await HTTPListener.bind(
            host: "127.0.0.1",
            port: 0,
            on: group,
            bodyRule: { _ in .init(bytesMax: 100_000) },
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

    @Test(
        "it connects every time, also when the first packet comes together with the handshake's answer, and leaves",
        arguments: SocketIOClient.Transport.allCases
    )
    func connects(by transport: SocketIOClient.Transport) async throws {
        try await withServer { address, namespace in
            for _ in 0..<50 {
                let client = try await SocketIOClient.connect(to: address, by: transport)
                #expect(!client.id.isEmpty)
                client.close()
            }
            try await eventually("all have left") { namespace.socketCount == 0 }
        }
    }

    @Test("the server has it on the transport that was asked for", arguments: SocketIOClient.Transport.allCases)
    func transport(_ transport: SocketIOClient.Transport) async throws {
        try await withServer { address, namespace in
            let client = try await SocketIOClient.connect(to: address, by: transport)
            let socket = try #require(namespace.local.sockets.first)
            let expected = transport == .polling ? "polling" : "websocket"
            // The server hears of the upgrade's end a moment after the client has told it.
            while await socket.transportName != expected { await Task.yield() }
            let answer: Words = try await client.ask("say", Words(words: "here"))
            #expect(answer.words == "here")
            client.close()
        }
    }

    @Test(
        "what is sent while the transport changes arrives once and in its order",
        arguments: SocketIOClient.Transport.allCases
    )
    func order(by transport: SocketIOClient.Transport) async throws {
        // Bodies of a few packets each.
        var configuration = EngineConfiguration()
        configuration.maxPayload = 200
        let count = 200
        try await withServer(configuration) { address, namespace in
            namespace.onConnection { socket in
                for number in 0..<count { try? socket.emit("counted", number) }
            }
            let (heard, hear) = AsyncStream.makeStream(of: Int.self)
            let client = try await SocketIOClient.connect(
                to: address,
                by: transport,
                events: .init(received: { event in
                    if event.name == "counted", let number = try? event.decode(Int.self) { hear.yield(number) }
                    if let words = try? event.decode(Words.self), let number = Int(words.words) { hear.yield(number) }
                })
            )
            for number in count..<2 * count {
                client.emit(try SocketIOClient.array("say", Words(words: String(number))))
            }
            var numbers: [Int] = []
            for await number in heard {
                numbers.append(number)
                if numbers.count == 2 * count { break }
            }
            #expect(numbers == Array(0..<2 * count))
            client.close()
        }
    }

    @Test("attachments are passed over without harm to what comes behind", arguments: SocketIOClient.Transport.allCases)
    func attachments(by transport: SocketIOClient.Transport) async throws {
        try await withServer { address, namespace in
            namespace.onConnection { socket in
                try? socket.emit("picture", Binary(ByteBuffer(bytes: [0, 1, 2, 255])))
                try? socket.emit("counted", 1)
            }
            let (heard, hear) = AsyncStream.makeStream(of: String.self)
            let client = try await SocketIOClient.connect(
                to: address,
                by: transport,
                events: .init(received: { hear.yield($0.name) })
            )
            #expect(await heard.first { _ in true } == "counted")
            client.close()
        }
    }

    @Test("a server may close its HTTP connections after each answer")
    func connectionClose() async throws {
        try await withServer { address, _ in
            let client = try await SocketIOClient.connect(to: address, by: .polling, headers: [("Connection", "close")])
            for number in 0..<3 {
                let answer: Words = try await client.ask("say", Words(words: "\(number)"))
                #expect(answer.words == "\(number)")
            }
            client.close()
        }
    }

    @Test("it answers pings and stays", arguments: SocketIOClient.Transport.allCases)
    func heartbeat(by transport: SocketIOClient.Transport) async throws {
        var configuration = EngineConfiguration()
        configuration.pingInterval = .milliseconds(50)
        configuration.pingTimeout = .seconds(3)
        try await withServer(configuration) { address, namespace in
            let client = try await SocketIOClient.connect(to: address, by: transport)
            let beyond = ContinuousClock.now + .milliseconds(3_500)
            try await eventually("more time passed than a silent client has") { ContinuousClock.now > beyond }
            let answer: Words = try await client.ask("say", Words(words: "still here"))
            #expect(answer.words == "still here" && namespace.socketCount == 1)
            client.close()
        }
    }

    @Test("an acknowledgement and an event bring what was sent", arguments: SocketIOClient.Transport.allCases)
    func echo(by transport: SocketIOClient.Transport) async throws {
        try await withServer { address, _ in
            let (heard, hear) = AsyncStream.makeStream(of: Words?.self)
            let client = try await SocketIOClient.connect(
                to: address,
                by: transport,
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

    @Test(
        "what waits for an answer fails when the server closes the connection",
        arguments: SocketIOClient.Transport.allCases
    )
    func closing(by transport: SocketIOClient.Transport) async throws {
        try await withServer { address, namespace in
            let (closings, closed) = AsyncStream.makeStream(of: Void.self)
            let client = try await SocketIOClient.connect(
                to: address,
                by: transport,
                events: .init(closed: { closed.finish() })
            )
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

    @Test("a server that gives no connection is named by its status", arguments: SocketIOClient.Transport.allCases)
    func refused(by transport: SocketIOClient.Transport) async throws {
        try await withServer { address, _ in
            let wrong = SocketIOAddress(host: address.host, port: address.port, path: "/elsewhere/")
            await #expect(throws: SocketIOClientError.refused(status: 404)) {
                _ = try await SocketIOClient.connect(to: wrong, by: transport)
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
