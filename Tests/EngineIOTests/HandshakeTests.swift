import EngineIO
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct HandshakeTests {
    private static let path = EngineTestServer.path

    @Test("a handshake over polling tells the session and the options, with exactly five keys")
    func polling() async throws {
        try await EngineTestServer.with { server async throws in
            let response = try await server.request("GET", "\(Self.path)?EIO=4&transport=polling")
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == ["text/plain; charset=UTF-8"])
            #expect(response.headers["cache-control"] == ["no-store"])
            #expect(response.body.hasPrefix("0{"))
            let json = try JSONSerialization.jsonObject(with: Data(response.body.dropFirst().utf8)) as? NSDictionary
            let open = try #require(json)
            #expect(
                Set(open.allKeys.compactMap { $0 as? String }) == [
                    "sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload",
                ]
            )
            #expect(open["upgrades"] as? [String] == ["websocket"])
            #expect(open["pingInterval"] as? Int == 25_000)
            #expect(open["pingTimeout"] as? Int == 20_000)
            #expect(open["maxPayload"] as? Int == 1_000_000)
        }
    }

    @Test("a handshake over WebSocket offers no upgrade")
    func webSocket() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.webSocket)
            #expect(client.handshake.upgrades == [])
            #expect(client.handshake.pingInterval == 25_000)
            #expect(client.openPacket.hasPrefix("0{"))
        }
    }

    @Test("the path is the server's with and without its last slash")
    func slash() async throws {
        try await EngineTestServer.with { server async throws in
            #expect(try await server.request("GET", "/engine.io?EIO=4&transport=polling").status == 200)
            #expect(try await server.request("GET", "/engine.iox?EIO=4&transport=polling").status == 404)
        }
    }

    @Test("session ids name their owner where there is one")
    func owner() async throws {
        try await EngineTestServer.with(configure: { $0.owner = "i-7" }) { server async throws in
            let client = try await server.open(.polling)
            #expect(client.handshake.sid.hasPrefix("i-7."))
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
        }
    }

    @Test(
        "a handshake that asks for what is not there is refused with the reference server's code",
        arguments: [
            ("GET", "?transport=polling", 5), ("GET", "?EIO=abc&transport=polling", 5),
            ("GET", "?EIO=3&transport=polling", 5), ("GET", "?EIO=04&transport=polling", 5), ("GET", "?EIO=4", 0),
            ("GET", "?EIO=4&transport=abc", 0), ("GET", "?EIO=4&transport=__proto__", 0), ("GET", "", 0),
            ("POST", "?EIO=4&transport=polling", 2), ("PUT", "?EIO=4&transport=polling", 2),
            ("GET", "?EIO=4&transport=websocket", 3), ("GET", "?EIO=4&transport=polling&sid=unknown", 1),
            ("GET", "?EIO=4&transport=polling&sid=__proto__", 1),
            ("POST", "?EIO=4&transport=polling&sid=constructor", 1),
            ("GET", "?EIO=4&transport=polling&sid=", 1), ("GET", "?EIO=4&transport=polling&sid=%00%ff", 1),
        ]
    )
    func refused(_ method: String, _ query: String, _ code: Int) async throws {
        try await EngineTestServer.with { server async throws in
            let response = try await server.request(method, Self.path + query, body: method == "GET" ? nil : "4a")
            #expect(response.status == 400)
            #expect(response.headers["content-type"] == ["application/json"])
            #expect(response.body.hasPrefix("{\"code\":\(code),\"message\":\""))
            #expect(server.engine.sessionCount == 0)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test(
        "a WebSocket that asks for what is not there is refused before it is one",
        arguments: [
            "?transport=websocket", "?EIO=abc&transport=websocket", "?EIO=4", "?EIO=4&transport=abc",
            "?EIO=4&transport=polling", "?EIO=4&transport=websocket&sid=unknown",
            "?EIO=4&transport=websocket&sid=__proto__", "?EIO=3&transport=websocket", "?%EIO=%&&&=4",
        ]
    )
    func refusedWebSocket(_ query: String) async throws {
        try await EngineTestServer.with { server async throws in
            let response = try await server.request("GET", Self.path + query, headers: TestWebSocket.handshakeHeaders)
            #expect(response.status == 400)
            #expect(server.engine.sessionCount == 0)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test("an upgrade without a proper WebSocket key is refused")
    func refusedKey() async throws {
        try await EngineTestServer.with { server async throws in
            let headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", "x")]
            let response = try await server.request("GET", Self.path + "?EIO=4&transport=websocket", headers: headers)
            #expect(response.status == 400)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test(
        "the application may refuse a handshake, and its reason reaches the client",
        arguments: TestEngineClient.Transport.allCases
    )
    func allowRequest(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with(
            configure: { $0.allowRequest = { $0.query["token"] == "right" ? nil : "no \"token\"" } },
            { server async throws in
                let uri = "\(Self.path)?EIO=4&transport=\(transport == .polling ? "polling" : "websocket")&token=wrong"
                let headers = transport == .polling ? [] : TestWebSocket.handshakeHeaders
                let response = try await server.request("GET", uri, headers: headers)
                #expect(response.status == 403)
                #expect(response.body == #"{"code":4,"message":"no \"token\""}"#)
                let client = try await server.open(transport, query: "token=right")
                try await client.send("4hello")
                #expect(try await client.receive() == "4hello")
            }
        )
    }

    @Test("a page of another origin is kept away from handshakes, polls and WebSockets")
    func origin() async throws {
        try await EngineTestServer.with(configure: { $0.origins = .sameOrigin(or: ["https://app.example"]) }) {
            server async throws in
            for (origin, status) in [
                ("https://evil.example", 403), ("null", 403), ("https://app.example", 200), ("http://localhost", 200),
            ] {
                let uri = "\(Self.path)?EIO=4&transport=polling"
                #expect(
                    try await server.request("GET", uri, headers: [("Origin", origin)]).status == status,
                    "\(origin)"
                )
            }
            let client = try await server.open(.polling)
            let evil = [("Origin", "https://evil.example")]
            #expect(try await server.request("POST", client.uri(.polling), headers: evil, body: "4x").status == 403)
            #expect(try await server.request("GET", client.uri(.polling), headers: evil).status == 403)
            let upgrade = try await server.request(
                "GET",
                client.uri(.webSocket),
                headers: TestWebSocket.handshakeHeaders + evil
            )
            #expect(upgrade.status == 403)
            try await client.send("4mine")
            #expect(try await client.receive() == "4mine")
        }
    }

    @Test("only listed origins get permission to read, by name and with credentials")
    func cors() async throws {
        try await EngineTestServer.with(configure: { $0.origins = .sameOrigin(or: ["https://app.example"]) }) {
            server async throws in
            let uri = "\(Self.path)?EIO=4&transport=polling"
            let listed = try await server.request("GET", uri, headers: [("Origin", "https://app.example")])
            #expect(listed.headers["access-control-allow-origin"] == ["https://app.example"])
            #expect(listed.headers["access-control-allow-credentials"] == ["true"])
            let own = try await server.request("GET", uri, headers: [("Origin", "http://localhost")])
            #expect(!own.headers.contains(name: "access-control-allow-origin"))
            let preflight = try await server.request("OPTIONS", uri, headers: [("Origin", "https://app.example")])
            #expect(preflight.status == 204)
            #expect(preflight.headers["access-control-allow-methods"] == ["GET,POST"])
            let evil = try await server.request("OPTIONS", uri, headers: [("Origin", "https://evil.example")])
            #expect(evil.status == 403)
        }
    }

    @Test(
        "a draining server takes no new session and keeps those it has",
        arguments: TestEngineClient.Transport.allCases
    )
    func draining(_ transport: TestEngineClient.Transport) async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(transport)
            server.engine.drain()
            let response = try await server.request("GET", "\(Self.path)?EIO=4&transport=polling")
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == ["1"])
            let upgrade = try await server.request(
                "GET",
                "\(Self.path)?EIO=4&transport=websocket",
                headers: TestWebSocket.handshakeHeaders
            )
            #expect(upgrade.status == 503)
            try await client.send("4still mine")
            #expect(try await client.receive() == "4still mine")
            server.engine.closeAll(.serverShuttingDown)
            try await client.receiveEnd()
            #expect(try await server.ends(client) == .serverShuttingDown)
            #expect(server.engine.sessionCount == 0)
        }
    }
}
