import EngineIO
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What a session does once it is open; CONFORMANCE of the protocol's own suite, over both transports.
@Suite(.timeLimit(.minutes(2))) struct SessionTests {
    private typealias Transport = TestEngineClient.Transport

    // MARK: Messages

    @Test("text and bytes come back in their order", arguments: TestEngineClient.Transport.allCases)
    func echo(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(transport)
            let packets: [TestEngineClient.Packet] = [
                "4hello", .binary([1, 2, 3, 4]), "4", .binary([]), "4äöü €𝄞 \u{0}\u{7f}", .binary([0x1e, 0x62, 0x34]),
            ]
            for packet in packets { try await client.send(packet) }
            for packet in packets { #expect(try await client.receive() == packet) }
        }
    }

    @Test("what waits for a poll comes in one body, bytes as base64")
    func oneBody() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            let post = try await server.request("POST", of: client, body: "4hello\u{1e}bAQIDBA==")
            #expect(post.status == 200)
            #expect(post.body == "ok")
            #expect(post.headers["content-type"] == ["text/html"])
            #expect(try await server.request(of: client).body == "4hello\u{1e}bAQIDBA==")
        }
    }

    @Test("a poll waits until there is something", arguments: [1, 3])
    func waits(_ loops: Int) async throws {
        try await EngineTestServer.with(loops: loops) { server async throws in
            let client = try await server.open(.polling)
            let poll = try await TestConnection.open(port: server.port)
            try await poll.send("GET", client.uri(.polling))
            try await client.send("4there")
            #expect(try await poll.response().body == "4there")
        }
    }

    @Test("messages of many sizes come back whole", arguments: TestEngineClient.Transport.allCases)
    func sizes(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(transport)
            for size in [1, 124, 125, 126, 1_000, 65_534, 65_535, 65_536, 400_000] {
                let text = TestEngineClient.Packet.text("4" + String(repeating: "x", count: size))
                try await client.send(text)
                #expect(try await client.receive() == text)
            }
        }
    }

    // MARK: What no client may send

    @Test("a body that is no packet is refused and ends the session", arguments: ["abc", "", "4a\u{1e}", "b*", "0{}"])
    func badPost(_ body: String) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            #expect(try await server.request("POST", of: client, body: body).status == 400)
            #expect(try await server.ends(client) == .parseError)
            #expect(try await server.request(of: client).status == 400)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test("a text that is no packet ends a WebSocket session", arguments: ["abc", "", "0", "9"])
    func badText(_ text: String) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.webSocket)
            try await client.send(.text(text))
            try await client.receiveEnd()
            #expect(try await server.ends(client) != nil)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test(
        "a ping, an upgrade or a noop of the client ends the session",
        arguments: ["2", "2probe", "5", "6"],
        TestEngineClient.Transport.allCases
    )
    func misplaced(_ packet: String, _ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(transport)
            try? await client.send(.text(packet))
            try await client.receiveEnd()
            #expect(try await server.ends(client) == .transportError)
            #expect(server.closeReasons(client).count == 1)
        }
    }

    @Test("packets behind the one that ended the session are not looked at")
    func behindTheEnd() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            _ = try await server.request("POST", of: client, body: "41\u{1e}1\u{1e}42")
            #expect(try await server.ends(client) == .transportClose)
            #expect(try await server.request(of: client).status == 400)
        }
    }

    // MARK: Polls

    @Test("a second poll beside the first ends the session")
    func secondPoll() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            let first = try await TestConnection.open(port: server.port)
            let second = try await TestConnection.open(port: server.port)
            try await first.send("GET", client.uri(.polling))
            try await second.send("GET", client.uri(.polling))
            // Which of the two reaches the session first is up to the event loops.
            let responses = [try await first.response(), try await second.response()].sorted { $0.status < $1.status }
            #expect(responses.map(\.status) == [200, 400])
            #expect(responses[0].body == "1")
            #expect(try await server.ends(client) == .transportError)
            #expect(try await server.request(of: client).status == 400)
        }
    }

    @Test("a poll that the client aborts ends the session", arguments: [false, true])
    func abortedPoll(_ byReset: Bool) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            let poll = try await TestConnection.open(port: server.port)
            try await poll.send("GET", client.uri(.polling))
            // Answered behind the poll on its connection, so the poll has arrived.
            try await eventually("the poll has arrived") {
                try await server.request("POST", of: client, body: "3").status == 200
            }
            if byReset { try await poll.reset() } else { poll.close() }
            #expect(try await server.ends(client) == .transportClose)
            #expect(try await server.request(of: client).status == 400)
        }
    }

    @Test("a WebSocket session cannot be polled")
    func pollsWebSocket() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.webSocket)
            #expect(try await server.request(of: client).status == 400)
            #expect(try await server.request("POST", of: client, body: "4x").status == 400)
            #expect(try await server.request("PUT", of: client, body: "4x").status == 400)
            try await client.send("4mine")
            #expect(try await client.receive() == "4mine")
        }
    }

    // MARK: Closing

    @Test("a client's close lets its poll come back and ends the session")
    func closesPolling() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            async let poll = client.poll()
            try await eventually("the poll has arrived") {
                try await server.request("POST", of: client, body: "3").status == 200
            }
            #expect(try await server.request("POST", of: client, body: "1").status == 200)
            // The poll may also have come behind the close, which is what a client has to expect.
            if let packets = try? await poll { #expect(packets == ["6"]) }
            #expect(try await server.ends(client) == .transportClose)
            #expect(try await server.request(of: client).status == 400)
        }
    }

    @Test("a client's close ends a WebSocket session, as packet, as frame and as lost connection", arguments: 0...3)
    func closesWebSocket(_ way: Int) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(client.webSocket)
            switch way {
            case 0:
                try await client.send("1")
                #expect(try await socket.receiveClose() == 1000)
            case 1:
                try await socket.sendClose(1001)
                #expect(try await socket.receiveClose() == 1001)
            case 2: socket.close()
            default: try await socket.connection.reset()
            }
            #expect(try await server.ends(client) == .transportClose)
            #expect(server.closeReasons(client) == [.transportClose])
            #expect(server.engine.sessionCount == 0)
        }
    }

    @Test("the application's close comes behind what it sent before", arguments: TestEngineClient.Transport.allCases)
    func applicationCloses(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(transport)
            let session = try #require(server.sessions.first)
            async let first = client.receive()
            if transport == .polling {
                // A poll is there only once something came through it.
                session.send([.message(.text(ByteBuffer(string: "last")))])
                #expect(try await first == "4last")
                session.close()
            } else {
                session.send([.message(.text(ByteBuffer(string: "last")))])
                session.close()
                #expect(try await first == "4last")
            }
            try await client.receiveEnd()
            #expect(server.closeReasons(client) == [.forcedClose])
        }
    }

    // MARK: Heartbeat

    @Test("the server pings, and a client that answers stays", arguments: TestEngineClient.Transport.allCases)
    func pings(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with(configure: { $0.pingInterval = .milliseconds(20) }) { server async throws in
            let client = try await server.open(transport, answersPings: false)
            for _ in 0..<3 {
                #expect(try await client.receive() == "2")
                try await client.send("3")
            }
            try await client.send("4still here")
            #expect(server.engine.sessionCount == 1)
        }
    }

    @Test("no second ping comes before the first is answered", arguments: TestEngineClient.Transport.allCases)
    func pingsOnce(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with(configure: { $0.pingInterval = .milliseconds(20) }) { server async throws in
            let client = try await server.open(transport, answersPings: false)
            #expect(try await client.receive() == "2")
            // Long enough for several more pings, were they sent: each echo is a round trip.
            let end = ContinuousClock.now + .milliseconds(100)
            while ContinuousClock.now < end {
                try await client.send("4echo")
                #expect(try await client.receive() == "4echo")
            }
        }
    }

    @Test("a client that does not answer is cut", arguments: TestEngineClient.Transport.allCases)
    func pingTimeout(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with(
            configure: {
                $0.pingInterval = .milliseconds(20)
                $0.pingTimeout = .milliseconds(20)
            },
            { server async throws in
                let client = try await server.open(transport, answersPings: false)
                #expect(try await server.ends(client) == .pingTimeout)
                if transport == .polling {
                    #expect(try await server.request(of: client).status == 400)
                } else {
                    try await client.receiveEnd()
                }
                #expect(server.engine.sessionCount == 0)
            }
        )
    }

    // MARK: Slow clients

    @Test(
        "a client that does not read is cut when too many bytes wait for it",
        arguments: TestEngineClient.Transport.allCases
    )
    func slowByBytes(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with(configure: { $0.outboxBytesMax = 100_000 }) { server async throws in
            let client = try await server.open(transport)
            try await client.webSocket?.connection.stopReading()
            let session = try #require(server.sessions.first)
            // All are the same bytes in memory. The kernel takes some megabytes for a WebSocket before anything waits.
            let packet = OutboundPacket.message(.binary(ByteBuffer(repeating: 1, count: 1 << 20)))
            session.send(Array(repeating: packet, count: 64))
            #expect(try await server.ends(client) == .slowConsumer)
            #expect(server.closeReasons(client).count == 1)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test("a client that does not poll is cut when too many packets wait for it")
    func slowByPackets() async throws {
        try await EngineTestServer.with(configure: { $0.outboxPacketsMax = 10 }) { server async throws in
            let client = try await server.open(.polling)
            let session = try #require(server.sessions.first)
            let packet = OutboundPacket.message(.text(ByteBuffer(string: "x")))
            session.send(Array(repeating: packet, count: 10))
            #expect(try await client.poll().count == 10)
            #expect(server.closeReasons(client).isEmpty)
            session.send(Array(repeating: packet, count: 11))
            #expect(try await server.ends(client) == .slowConsumer)
        }
    }

    @Test("a slow client gets all that waited when it reads again")
    func slowButReading() async throws {
        try await EngineTestServer.with(configure: { $0.outboxBytesMax = 64 << 20 }) { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(client.webSocket)
            try await socket.connection.stopReading()
            let session = try #require(server.sessions.first)
            for number in 0..<900 {
                session.send([.message(.text(ByteBuffer(string: "\(number) " + String(repeating: "x", count: 10_000))))]
                )
            }
            try await socket.connection.startReading()
            for number in 0..<900 {
                guard case .text(let text) = try await client.receive() else { break }
                #expect(text.hasPrefix("4\(number) "))
            }
        }
    }

    @Test("a volatile packet is dropped when no poll is there for it, others are kept")
    func volatile() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            let session = try #require(server.sessions.first)
            session.send([.message(.text(ByteBuffer(string: "typing")))], volatile: true)
            session.send([.message(.text(ByteBuffer(string: "kept")))])
            #expect(try await client.receive() == "4kept")
        }
    }

    @Test("a volatile packet reaches a client that can take it")
    func volatileArrives() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.webSocket)
            server.sessions[0].send([.message(.text(ByteBuffer(string: "typing")))], volatile: true)
            #expect(try await client.receive() == "4typing")
        }
    }
}
