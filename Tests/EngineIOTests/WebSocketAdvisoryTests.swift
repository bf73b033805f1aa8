import EngineIO
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What broke WebSocket servers and libraries before, as their advisories tell; each over a real connection.
@Suite(.timeLimit(.minutes(2))) struct WebSocketAdvisoryTests {
    private static let uri = "\(EngineTestServer.path)?EIO=4&transport=websocket"

    private static func frames(_ frames: [ByteBuffer]) -> ByteBuffer {
        frames.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer($1) }
    }

    private static let unfinished = TestWebSocket.frame(.text, [0x34], isFinal: false)

    /// Something that a peer may not send, and the code that the connection is closed with.
    struct Attack: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var wire: ByteBuffer
        var code: UInt16

        init(_ description: String, _ code: UInt16, _ frames: ByteBuffer...) {
            testDescription = description
            wire = WebSocketAdvisoryTests.frames(frames)
            self.code = code
        }
    }

    @Test(
        "what no peer may send ends the connection with its code, and the session with it",
        arguments: [
            // CVE-2022-21676
            Attack("a second reserved bit", 1002, TestWebSocket.frame(.text, [0x34], reserved: 2)),
            Attack("a third reserved bit", 1002, TestWebSocket.frame(.text, [0x34], reserved: 1)),
            Attack(
                "a compressed message that was not agreed on",
                1002,
                TestWebSocket.frame(.text, [0x34], reserved: 4)
            ),
            // CVE-2016-10542, CVE-2020-36049
            Attack("a frame over the limit", 1009, TestWebSocket.frame(.binary, announcedBytes: 10_001)),
            Attack("a frame of all bytes there are", 1009, TestWebSocket.frame(.binary, announcedBytes: .max >> 1)),
            Attack("a length with its first bit set", 1002, TestWebSocket.frame(.binary, announcedBytes: .max)),
            Attack(
                "fragments over the limit",
                1009,
                TestWebSocket.frame(.binary, Array(repeating: 1, count: 6_000), isFinal: false),
                TestWebSocket.frame(.continuation, Array(repeating: 1, count: 6_000))
            ),
            // CVE-2014-0193, CVE-2026-48779, CVE-2026-62389
            Attack(
                "empty fragments without an end",
                1008,
                unfinished,
                frames(Array(repeating: TestWebSocket.frame(.continuation, isFinal: false), count: 1_024))
            ),
            Attack(
                "tiny fragments between pings",
                1008,
                unfinished,
                frames(
                    Array(
                        repeating: frames([
                            TestWebSocket.frame(.ping), TestWebSocket.frame(.continuation, [0x61], isFinal: false),
                        ]),
                        count: 1_024
                    )
                )
            ),
            // Frames that stand where none was expected.
            Attack("a continuation of nothing", 1002, TestWebSocket.frame(.continuation, [0x34])),
            Attack("a message inside of a message", 1002, unfinished, TestWebSocket.frame(.text, [0x34])),
            Attack("an unknown type of frame", 1002, ByteBuffer(bytes: [0x83, 0x80, 0, 0, 0, 0])),
            Attack("a frame without a mask", 1002, TestWebSocket.frame(.text, [0x34], isMasked: false)),
            Attack("a ping in fragments", 1002, TestWebSocket.frame(.ping, isFinal: false)),
            Attack("a long ping", 1002, TestWebSocket.frame(.ping, Array(repeating: 0, count: 126))),
            Attack("half a close code", 1002, TestWebSocket.frame(.close, [3])),
            Attack("a close code that is never sent", 1002, TestWebSocket.frame(.close, [0x03, 0xed])),
            Attack("a text that is no UTF-8", 1007, TestWebSocket.frame(.text, [0x34, 0xff])),
            Attack("a reason that is no UTF-8", 1007, TestWebSocket.frame(.close, [0x03, 0xe8, 0xff])),
        ]
    )
    func hostile(_ attack: Attack) async throws {
        try await EngineTestServer.underAttack(configure: { $0.maxPayload = 10_000 }) { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(client.webSocket)
            // The server may have cut the connection before all of it was written.
            try? await socket.connection.write(attack.wire)
            #expect(try await socket.receiveClose() == attack.code)
            #expect(try await server.ends(client) == .transportClose)
        }
    }

    // CVE-2016-10518, CVE-2026-45736: what was in memory before went out with a ping or a close.
    @Test("a pong and a close carry nothing but what the peer sent", arguments: [0, 1, 124, 125])
    func disclosesNothing(_ count: Int) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(client.webSocket)
            let payload = (0..<count).map { UInt8($0) }
            try await socket.ping(payload)
            #expect(try await socket.receive() == .pong(payload))
            let reason = Array(repeating: UInt8(ascii: "x"), count: min(count, 123))
            try await socket.connection.write(TestWebSocket.frame(.close, [0x0f, 0xa0] + reason))
            let rest = try await socket.connection.readToEnd()
            #expect(rest == ByteBuffer(bytes: [0x88, 0x02, 0x0f, 0xa0]))
        }
    }

    // GHSA-5v72-xg48-5rpm, CVE-2021-32640: headers that took a parser down, or kept it busy for very long.
    @Test(
        "a handshake with hostile extensions or subprotocols is answered without them",
        arguments: ["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"],
        [
            "", ",", ";", "=", "\"", "__proto__", "constructor; constructor", "permessage-deflate; __proto__",
            "permessage-deflate; client_max_window_bits=\"", "a" + String(repeating: " ", count: 7_000) + "b",
            String(repeating: "permessage-deflate;,", count: 400), String(repeating: "\t,", count: 3_500),
            String(repeating: "a=\"\\\"", count: 1_000),
        ]
    )
    func hostileHandshake(_ name: String, _ value: String) async throws {
        try await EngineTestServer.underAttack(configure: { $0.perMessageDeflate = PerMessageDeflate() }) {
            server async throws in
            let connection = try await TestConnection.open(port: server.port)
            let headers = TestWebSocket.handshakeHeaders + [(name, value)]
            let response = try await connection.request("GET", Self.uri, headers: headers)
            #expect(response.status == 101)
            #expect(!response.headers.contains(name: "sec-websocket-extensions"))
            #expect(!response.headers.contains(name: "sec-websocket-protocol"))
        }
    }

    @Test(
        "a handshake with an endless header is refused",
        arguments: ["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol", "Sec-WebSocket-Key", "Cookie"]
    )
    func endlessHeader(_ name: String) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let connection = try await TestConnection.open(port: server.port)
            let headers = TestWebSocket.handshakeHeaders + [(name, String(repeating: "a, ", count: 100_000))]
            // The server stops reading somewhere in here.
            try? await connection.send("GET", Self.uri, headers: headers)
            let status = (try? await connection.response())?.status
            #expect(status == 431 || status == nil)
            #expect(server.engine.sessionCount == 0)
        }
    }

    // CVE-2024-37890
    @Test("a handshake with very many headers is refused", arguments: [101, 2_000])
    func manyHeaders(_ count: Int) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let connection = try await TestConnection.open(port: server.port)
            let headers = TestWebSocket.handshakeHeaders + (0..<count).map { ("X-\($0)", "y") }
            try await connection.send("GET", Self.uri, headers: headers)
            #expect(try await connection.response().status == 431)
            try await connection.readToEnd()
            #expect(server.engine.sessionCount == 0)
        }
    }

    // socketioxide #320: a server fell over a frame that it did not expect.
    @Test(
        "a WebSocket that goes on with another frame than its probe is closed, and polling goes on",
        arguments: [
            TestWebSocket.frame(.binary, Array("2probe".utf8)), TestWebSocket.frame(.continuation),
            TestWebSocket.frame(.text), TestWebSocket.frame(.close), TestWebSocket.frame(.text, [0xff]),
        ],
        [false, true]
    )
    func hostileProbe(_ frame: ByteBuffer, _ isProbed: Bool) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let client = try await server.open(.polling)
            let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            if isProbed {
                try await socket.send("2probe")
                #expect(try await socket.receiveText() == "3probe")
            }
            try await socket.connection.write(frame)
            try await socket.receiveClose()
            try await client.send("4hello")
            var packet = try await client.receive()
            while packet == "6" { packet = try await client.receive() }
            #expect(packet == "4hello")
        }
    }
}
