import EngineIO
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// What broke servers of this kind before over HTTP, as their advisories tell. Each ends with: the next client is served.
@Suite(.timeLimit(.minutes(2))) struct AdvisoryTests {
    private static let path = EngineTestServer.path

    // CVE-2026-59725
    @Test("what is posted as an octet stream is refused, not left waiting", arguments: ["\u{1}\u{2}4hello", "4hello"])
    func octetStream(_ body: String) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let client = try await server.open(.polling)
            let response = try await server.request(
                "POST",
                client.uri(.polling),
                headers: [("Content-Type", "application/octet-stream")],
                body: body
            )
            #expect(response.status == 400)
            #expect(try await server.ends(client) == .transportError)
        }
    }

    // CVE-2020-36048, CVE-2020-36049
    @Test("a body over the limit is refused by its announcement and by its bytes", arguments: [true, false])
    func largeBody(_ isAnnounced: Bool) async throws {
        try await EngineTestServer.underAttack(configure: { $0.maxPayload = 10_000 }) { server async throws in
            let client = try await server.open(.polling)
            let connection = try await TestConnection.open(port: server.port)
            let length = isAnnounced ? "Content-Length: 10001" : "Transfer-Encoding: chunked"
            try await connection.write("POST \(client.uri(.polling)) HTTP/1.1\r\nHost: a\r\n\(length)\r\n\r\n")
            if !isAnnounced {
                let chunk = "1000\r\n\(String(repeating: "4", count: 0x1000))\r\n"
                try? await connection.write(chunk + chunk + chunk)
            }
            #expect(try await connection.response().status == 413)
            try await connection.readToEnd()
            // Nothing of it has reached the session.
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
        }
    }

    @Test("a body of more packets than a client has to send ends the session, as one of empty packets does")
    func manyPackets() async throws {
        for packet in ["4", ""] {
            try await EngineTestServer.underAttack { server async throws in
                let client = try await server.open(.polling)
                let body = Array(repeating: packet, count: 100_000).joined(separator: "\u{1e}")
                #expect(try await server.request("POST", of: client, body: body).status == 400)
                #expect(try await server.ends(client) == .parseError)
            }
        }
    }

    // CVE-2026-59724, CVE-2026-102600
    @Test(
        "a session id that is something else in another language is unknown here, in every request",
        arguments: ["__proto__", "constructor", "toString", "hasOwnProperty", "%00", "..%2f..", "%ff"]
    )
    func sessionIDs(_ id: String) async throws {
        try await EngineTestServer.underAttack { server async throws in
            for (method, headers) in [("GET", []), ("POST", []), ("GET", TestWebSocket.handshakeHeaders)] {
                let transport = headers.isEmpty ? "polling" : "websocket"
                let response = try await server.request(
                    method,
                    "\(Self.path)?EIO=4&transport=\(transport)&sid=\(id)",
                    headers: headers,
                    body: method == "POST" ? "4x" : nil
                )
                #expect(response.status == 400)
                #expect(response.body == #"{"code":1,"message":"Session ID unknown"}"#)
            }
        }
    }

    // GHSA-7fj7-39wj-c64f
    @Test(
        "a line break in a request does not become one in the answer's headers",
        arguments: ["%0d%0aX-Injected:%201", "\rX-Injected: 1", "\nX-Injected: 1"]
    )
    func lineBreaks(_ text: String) async throws {
        try await EngineTestServer.underAttack(
            configure: {
                $0.origins = .sameOrigin(or: ["https://chat.example"])
                $0.cookie = SessionCookie()
                $0.allowRequest = { $0.query["a"] }
            },
            { server async throws in
                let connection = try await TestConnection.open(port: server.port)
                try await connection.send(
                    "GET",
                    "\(Self.path)?EIO=4&transport=polling&a=\(text.hasPrefix("%") ? text : "b")",
                    headers: [("Origin", "https://chat.example\(text)"), ("Connection", "close")]
                )
                let answer = String(buffer: try await connection.readToEnd())
                let head = answer.prefix(while: { $0 != "{" }).lowercased()
                #expect(head.hasPrefix("http/1.1 40"), "\(answer)")
                #expect(!head.contains("x-injected"), "\(answer)")
            }
        )
    }

    // CVE-2026-102599
    @Test(
        "an upgrade that names another protocol, or none, touches nothing",
        arguments: ["EIO=3&", "", "EIO=4&EIO=3&"]
    )
    func upgradeWithOtherProtocol(_ protocolPart: String) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let client = try await server.open(.polling)
            let uri = "\(Self.path)?\(protocolPart)transport=websocket&sid=\(client.handshake.sid)"
            let response = try await server.request("GET", uri, headers: TestWebSocket.handshakeHeaders)
            // The first of two parameters counts, and it is the right one.
            #expect(response.status == (protocolPart.hasPrefix("EIO=4") ? 101 : 400))
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
        }
    }

    // CVE-2023-31125
    @Test(
        "odd query parameters beside a WebSocket are no session",
        arguments: ["sid[]=x", "sid=%", "sid=a&sid=b", "&&=&"]
    )
    func oddQuery(_ query: String) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let uri = "\(Self.path)?EIO=4&transport=websocket&\(query)"
            let response = try await server.request("GET", uri, headers: TestWebSocket.handshakeHeaders)
            #expect(response.status == (query.hasPrefix("sid=") ? 400 : 101))
        }
    }

    // CVE-2022-41940
    @Test("a client that resets its connection while its upgrade is refused harms nobody")
    func resetWhileRefused() async throws {
        try await EngineTestServer.underAttack { server async throws in
            for _ in 0..<20 {
                let connection = try await TestConnection.open(port: server.port)
                try await connection.send(
                    "GET",
                    "\(Self.path)?EIO=4&transport=websocket&sid=unknown",
                    headers: TestWebSocket.handshakeHeaders
                )
                try? await connection.reset()
            }
        }
    }

    // GHSA-mgc4-wqv7-4pxm
    @Test(
        "a body in an odd transfer coding is refused",
        arguments: ["gzip", "chunked, gzip", "chunkedchunked", ", chunked,"]
    )
    func transferEncoding(_ coding: String) async throws {
        try await EngineTestServer.underAttack { server async throws in
            let client = try await server.open(.polling)
            let connection = try await TestConnection.open(port: server.port)
            try await connection.write(
                """
                POST \(client.uri(.polling)) HTTP/1.1\r
                Host: localhost\r
                Transfer-Encoding: \(coding)\r
                Content-Length: 3\r
                \r
                4hiGET /smuggled HTTP/1.1\r
                Host: localhost\r
                \r

                """
            )
            #expect(try await connection.response().status == 400)
            // Nothing behind it is taken for a request.
            #expect(try await connection.readToEnd().readableBytes == 0)
        }
    }

    // WS-2020-0443, CVE-2019-13611
    @Test("an origin that looks like a listed one is none", arguments: ["`", "$", ".evil", ":443", "/", "\u{0}"])
    func similarOrigins(_ tail: String) async throws {
        try await EngineTestServer.underAttack(configure: { $0.origins = .sameOrigin(or: ["https://chat.example"]) }) {
            server async throws in
            let headers = [("Origin", "https://chat.example\(tail)")]
            let response = try await server.request("GET", "\(Self.path)?EIO=4&transport=polling", headers: headers)
            #expect(response.status == (tail == "\u{0}" ? 400 : 403))
            #expect(response.headers["access-control-allow-origin"].isEmpty)
        }
    }

    // CVE-2020-28481
    @Test("without a list no page of another origin may read an answer")
    func closedByDefault() async throws {
        try await EngineTestServer.underAttack { server async throws in
            let headers = [("Origin", "https://evil.example")]
            let response = try await server.request("GET", "\(Self.path)?EIO=4&transport=polling", headers: headers)
            #expect(response.status == 200)
            #expect(response.headers["access-control-allow-origin"].isEmpty)
        }
    }

    @Test(
        "a message that is never finished is cut by its size and by the heartbeat",
        arguments: ["fragments", "a frame"]
    )
    func unfinished(_ what: String) async throws {
        try await EngineTestServer.underAttack(
            configure: {
                // Long enough for the next client, who answers pings only while it waits for packets.
                $0.pingInterval = .seconds(2)
                $0.pingTimeout = .seconds(4)
            },
            { server async throws in
                let socket = try await TestWebSocket.open(port: server.port, "\(Self.path)?EIO=4&transport=websocket")
                if what == "fragments" {
                    try await socket.connection.write(TestWebSocket.frame(.text, [0x34], isFinal: false))
                } else {
                    try await socket.connection.write(TestWebSocket.frame(.text, [0x34], announcedBytes: 900_000))
                }
                try await socket.receiveClose()
                try await eventually("it is gone") { server.engine.sessionCount == 0 }
            }
        )
    }

    @Test(
        "a request that comes a byte at a time is cut in time, in its head and in its body",
        arguments: [true, false]
    )
    func slowloris(_ inHead: Bool) async throws {
        var limits = HTTPConnectionHandler.Limits()
        limits.requestTimeout = .seconds(2)
        try await EngineTestServer.underAttack(limits: limits) { server async throws in
            let connection = try await TestConnection.open(port: server.port)
            if !inHead {
                try await connection.write("POST \(Self.path) HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            }
            let writing = Task {
                for byte in String(repeating: "a", count: 100_000) {
                    try await connection.write(String(byte))
                    await Task.yield()
                }
            }
            // The server may close on bytes that it has not read; that resets the connection.
            _ = try? await connection.readToEnd()
            writing.cancel()
            _ = await writing.result
        }
    }
}
