import EngineIO
import NIOCore
import SocketIO
import Synchronization
import TestSupport
import Testing

/// Middlewares, the order of handlers, acknowledgements that the server asks for, and ends.
@Suite(.timeLimit(.minutes(2))) struct BehaviourTests {
    private enum Name: SocketDataKey { typealias Value = String }

    // MARK: Middlewares

    @Test("middlewares decide in their order, see the credentials and leave data on the socket")
    func middlewares() async throws {
        struct Credentials: Decodable { var token: String }
        let log = Log()
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").use { socket in
                    log.add("first")
                    guard let token = try? socket.handshake.decodeAuth(Credentials.self).token else {
                        throw try ConnectError("No token", data: ["code": "unauthenticated"])
                    }
                    await Task.yield()
                    socket[Name.self] = token
                }
                io.of("/").use { socket in
                    log.add("second")
                    if socket[Name.self] == "mallory" { throw ConnectError("Not you") }
                    if socket[Name.self] == "broken" { throw CancellationError() }
                }
                io.of("/").onConnection { socket in try? socket.emit("hello", socket[Name.self] ?? "") }
            },
            { server async throws in
                let client = try await server.open(.webSocket)
                try await client.send("0")
                #expect(try await client.receive() == #"4{"message":"No token","data":{"code":"unauthenticated"}}"#)
                #expect(log.all == ["first"])
                try await client.send(#"0{"token":"mallory"}"#)
                #expect(try await client.receive() == #"4{"message":"Not you"}"#)
                try await client.send(#"0{"token":"broken"}"#)
                #expect(try await client.receive() == #"4{"message":"Internal error"}"#)
                #expect(server.root.socketCount == 0)
                try await client.connect(auth: #"{"token":"alice"}"#)
                #expect(try await client.receive() == #"2["hello","alice"]"#)
                #expect(server.root.socketCount == 1)
            }
        )
    }

    @Test("who goes while the middlewares think is never connected")
    func goesMeanwhile() async throws {
        let (log, gate) = (Log(), Signal())
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").use { _ in
                    log.add("asked")
                    await gate.wait()
                    log.add("decided")
                }
                io.of("/").onConnection { _ in log.add("connected") }
            },
            { server async throws in
                let client = try await server.open(.webSocket)
                try await client.send("0")
                try await log.waitFor(1)
                client.engine.abandon()
                try await eventually("it is gone") { server.engine.sessionCount == 0 }
                gate.open()
                try await log.waitFor(2)
                // Behind what the decision posted to every loop.
                for loop in server.io.mailboxes.loops { try await loop.submit {}.get() }
                #expect(log.all == ["asked", "decided"])
                #expect(server.root.socketCount == 0)
            }
        )
    }

    @Test("a second CONNECT while the first is decided ends the connection")
    func connectsTwice() async throws {
        let gate = Signal()
        try await SocketTestServer.with(
            setUp: { io in io.of("/").use { _ in await gate.wait() } },
            { server async throws in
                let client = try await server.open(.webSocket)
                try await client.send("0", "0")
                try await client.engine.receiveEnd()
                gate.open()
            }
        )
    }

    // MARK: Handlers

    @Test("handlers of one socket run one after the other, also when they wait")
    func order() async throws {
        let log = Log()
        let gate = Signal()
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").onConnection { _ in
                    await gate.wait()
                    log.add("connection")
                }
                io.of("/").on("slow") { (_: Socket, event: Event) async in
                    await Task.yield()
                    log.add("slow \((try? event.decode(Int.self)) ?? -1)")
                }
                io.of("/").on("fast") { (_: Socket, event: Event) in
                    log.add("fast \((try? event.decode(Int.self)) ?? -1)")
                }
                io.of("/").onDisconnect { _, reason in log.add(reason.text) }
            },
            { server async throws in
                let client = try await server.connect()
                for number in 0..<50 {
                    try await client.send(.text(#"2["slow",\#(number)]"#), .text(#"2["fast",\#(number)]"#))
                }
                try await client.send("1")
                gate.open()
                try await log.waitFor(102)
                let events = (0..<50).flatMap { ["slow \($0)", "fast \($0)"] }
                #expect(log.all == ["connection"] + events + ["client namespace disconnect"])
            }
        )
    }

    @Test("one socket's slow handler does not hold up another socket")
    func independent() async throws {
        let gate = Signal()
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").on("wait") { (_: Socket, _: Event) async in await gate.wait() }
                io.of("/").on("echo") { (_: Socket, event: Event) in event.acknowledgement?.send(event.arguments) }
            },
            { server async throws in
                let slow = try await server.connect()
                let quick = try await server.connect(.polling)
                try await slow.send(#"2["wait"]"#, #"21["echo"]"#)
                try await quick.send(#"22["echo"]"#)
                #expect(try await quick.receive() == "32[]")
                gate.open()
                #expect(try await slow.receive() == "31[]")
            }
        )
    }

    @Test("who sends more than slow handlers take is cut, and the application hears of it once, behind the events")
    func overflow() async throws {
        let log = Log()
        let gate = Signal()
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").on("wait") { (_: Socket, _: Event) async in
                    await gate.wait()
                    log.add("event")
                }
                io.of("/").onDisconnect { _, reason in log.add(reason.text) }
            },
            { server async throws in
                let client = try await server.connect()
                try? await client.send(#"2["wait"]"#)
                for _ in 0..<30 {
                    // The server cuts in somewhere in here.
                    let events = Array(repeating: TestEngineClient.Packet.text(#"2["wait"]"#), count: 50)
                    for event in events { try? await client.send(event) }
                }
                try await client.engine.receiveEnd()
                gate.open()
                try await eventually("the application hears of it") { log.all.last == "slow consumer" }
                #expect(log.all.filter { $0 == "slow consumer" }.count == 1)
                #expect(log.all.count <= 1_003)
                #expect(server.root.socketCount == 0)
            }
        )
    }

    @Test("an acknowledgement is sent once, whoever answers first")
    func answersOnce() async throws {
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").on("ask") { (_: Socket, event: Event) in
                    try? event.acknowledgement?(1)
                    try? event.acknowledgement?(2)
                }
            },
            { server async throws in
                let client = try await server.connect()
                try await client.send(#"21["ask"]"#, #"22["ask"]"#)
                #expect(try await client.receive() == "31[1]")
                #expect(try await client.receive() == "32[1]")
            }
        )
    }

    // MARK: Acknowledgements of the client

    /// The id in an event such as `27["question"]`.
    private static func id(_ text: String) -> String { String(text.dropFirst().prefix { $0.isNumber }) }

    private static let question = Payload(json: ByteBuffer(string: #"["question"]"#))

    @Test("the server gets the client's answer, with its attachments", arguments: TestEngineClient.Transport.allCases)
    func asks(_ transport: TestEngineClient.Transport) async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let client = try await server.open(transport)
            let socket = try #require(server.root.socket(try await client.connect()))
            async let first = socket.emitWithAck(Self.question, timeout: .seconds(60))
            let text = try await client.receiveText()
            #expect(text.hasSuffix(#"["question"]"#))
            try await client.send(.text("3\(Self.id(text))[1, \"two\"]"))
            #expect(String(buffer: try await first.json) == #"[1, "two"]"#)

            async let second = socket.emitWithAck(Self.question, timeout: .seconds(60))
            let id = Self.id(try await client.receiveText())
            try await client.send(.text(#"61-\#(id)[{"_placeholder":true,"num":0}]"#), .binary([7]))
            #expect(try await second.attachments == [ByteBuffer(bytes: [7])])
        }
    }

    @Test("the wait for an answer ends with its time, and a late answer is ignored")
    func askTimeout() async throws {
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").on("echo") { (_: Socket, event: Event) in event.acknowledgement?.send(event.arguments) }
            },
            { server async throws in
                let client = try await server.connect()
                let socket = try #require(
                    await server.root.all.fetchSockets().value.first.flatMap { server.root.socket($0.id) }
                )
                await #expect(throws: AcknowledgementError.timeout) {
                    try await socket.emitWithAck(Self.question, timeout: .milliseconds(20))
                }
                let id = Self.id(try await client.receiveText())
                try await client.send(.text("3\(id)[1]"), #"25["echo"]"#)
                #expect(try await client.receive() == "35[]")
            }
        )
    }

    @Test("the wait for an answer ends when the client goes, and does not begin when it has gone")
    func askTheGone() async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(server.root.socket(try await client.connect()))
            let answer = Task { try await socket.emitWithAck(Self.question, timeout: .seconds(600)) }
            _ = try await client.receive()
            client.engine.abandon()
            await #expect(throws: AcknowledgementError.disconnected) { try await answer.value }
            await #expect(throws: AcknowledgementError.disconnected) {
                try await socket.emitWithAck(Self.question, timeout: .seconds(600))
            }
        }
    }

    // MARK: Ends

    @Test(
        "the server disconnects a client from its namespace, which may come back",
        arguments: TestEngineClient.Transport.allCases
    )
    func disconnects(_ transport: TestEngineClient.Transport) async throws {
        let log = Log()
        try await SocketTestServer.with(
            setUp: { $0.of("/").onDisconnect { socket, reason in log.add("\(reason.text) \(socket.isConnected)") } },
            { server async throws in
                let client = try await server.open(transport)
                let socket = try #require(server.root.socket(try await client.connect()))
                try socket.emit("last words")
                socket.disconnect()
                #expect(try await client.receive() == #"2["last words"]"#)
                #expect(try await client.receive() == "1")
                try await log.waitFor(1)
                #expect(log.all == ["server namespace disconnect false"])
                try await client.connect()
                #expect(server.root.socketCount == 1)
            }
        )
    }

    @Test("every way to go is told by its name", arguments: 0...5)
    func reasons(_ way: Int) async throws {
        let log = Log()
        try await SocketTestServer.with(
            setUp: { $0.of("/").onDisconnect { _, reason in log.add(reason.text) } },
            { server async throws in
                let client = try await server.open(.webSocket)
                let socket = try #require(server.root.socket(try await client.connect()))
                let expected: String
                switch way {
                case 0:
                    try await client.send("1")
                    expected = "client namespace disconnect"
                case 1:
                    client.engine.abandon()
                    expected = "transport close"
                case 2:
                    try await client.send("abc")
                    expected = "parse error"
                case 3:
                    socket.disconnect(closeTransport: true)
                    expected = "server namespace disconnect"
                case 4:
                    socket.connection.close()
                    expected = "forced close"
                default:
                    server.engine.closeAll(.serverShuttingDown)
                    expected = "server shutting down"
                }
                try await log.waitFor(1)
                #expect(log.all == [expected])
                #expect(!socket.isConnected)
            }
        )
    }

    @Test("a handler hears once that a socket goes, while its rooms still hear of it", arguments: 0...3)
    func disconnecting(_ way: Int) async throws {
        let log = Log()
        try await SocketTestServer.with(
            setUp: { io in
                io.of("/").onConnection { $0.join("room") }
                io.of("/").onDisconnecting { socket, reason in
                    let rooms = socket.rooms.map { $0.name == socket.id ? "own" : $0.name }.sorted()
                    log.add("\(reason.text) in \(rooms)")
                    for room in socket.rooms { try? socket.to(room).emit("goes", socket.id) }
                }
                io.of("/").onDisconnect { socket, _ in log.add("gone, in \(socket.rooms)") }
            },
            { server async throws in
                let other = try await server.connect()
                let client = try await server.open(.webSocket)
                let socket = try #require(server.root.socket(try await client.connect()))
                let expected: String
                switch way {
                case 0:
                    try await client.send("1")
                    expected = "client namespace disconnect"
                case 1:
                    client.engine.abandon()
                    expected = "transport close"
                case 2:
                    socket.disconnect()
                    expected = "server namespace disconnect"
                default:
                    socket.disconnect(closeTransport: true)
                    expected = "server namespace disconnect"
                }
                #expect(try await other.receive() == .text(#"2["goes","\#(socket.id)"]"#))
                try await log.waitFor(2)
                #expect(log.all == [#"\#(expected) in ["own", "room"]"#, "gone, in []"])
            }
        )
    }

    @Test("a connection that ends takes its sockets out of all namespaces and rooms")
    func endsAll() async throws {
        try await SocketTestServer.with(setUp: { io in for name in ["/", "/a", "/b"] { _ = io.of(name) } }) {
            server async throws in
            let client = try await server.open(.webSocket)
            for name in ["/", "/a", "/b"] {
                let id = try await client.connect(to: name)
                server.io.of(name).socket(id)?.join("room")
            }
            client.engine.abandon()
            try await eventually("all are gone") {
                ["/", "/a", "/b"].allSatisfy {
                    server.io.of($0).socketCount == 0 && !server.io.of($0).adapter.isOccupied("room")
                }
            }
        }
    }
}

/// Lets everybody wait until it is opened.
final class Signal: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
