import EngineIO
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The cookie, the CORS headers, and how many sessions an address may have.
@Suite(.timeLimit(.minutes(2))) struct OptionTests {
    private static let polling = "\(EngineTestServer.path)?EIO=4&transport=polling"

    @Test("the cookie comes with the handshake, over both transports, and with nothing else")
    func cookie() async throws {
        var cookie = SessionCookie()
        cookie.maxAge = .seconds(60)
        cookie.isSecure = true
        cookie.sameSite = .strict
        try await EngineTestServer.with(configure: { [cookie] in $0.cookie = cookie }) { server async throws in
            let response = try await server.request("GET", Self.polling)
            let id = try #require(server.sessions.first?.id)
            let expected = "io=\(id); Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict"
            #expect(response.headers["set-cookie"] == [expected])
            let post = try await server.request("POST", "\(Self.polling)&sid=\(id)", body: "4x")
            #expect(post.headers["set-cookie"].isEmpty)
            let poll = try await server.request("GET", "\(Self.polling)&sid=\(id)")
            #expect(poll.body == "4x" && poll.headers["set-cookie"].isEmpty)
            let upgrade = try await server.request(
                "GET",
                "\(EngineTestServer.path)?EIO=4&transport=websocket",
                headers: TestWebSocket.handshakeHeaders
            )
            #expect(upgrade.headers["set-cookie"].first?.hasPrefix("io=\(server.sessions[1].id); Path=/;") == true)
        }
        try await EngineTestServer.with { server async throws in
            #expect(try await server.request("GET", Self.polling).headers["set-cookie"].isEmpty)
        }
    }

    @Test("the CORS headers say what the options say")
    func cors() async throws {
        let origin = ("Origin", "https://chat.example")
        var options = CORSOptions()
        options.allowedHeaders = ["x-token"]
        options.allowsCredentials = false
        options.maxAge = .seconds(600)
        try await EngineTestServer.with(
            configure: { [options] in
                $0.origins = .sameOrigin(or: [origin.1])
                $0.cors = options
            },
            { server async throws in
                let preflight = try await server.request("OPTIONS", Self.polling, headers: [origin])
                #expect(preflight.status == 204)
                #expect(preflight.headers["access-control-allow-origin"] == [origin.1])
                #expect(preflight.headers["access-control-allow-headers"] == ["x-token"])
                #expect(preflight.headers["access-control-max-age"] == ["600"])
                #expect(preflight.headers["access-control-allow-credentials"].isEmpty)
                // Refusals too have to be readable, or a page cannot tell why.
                let refused = try await server.request("GET", "\(Self.polling)&sid=x", headers: [origin])
                #expect(refused.status == 400)
                #expect(refused.headers["access-control-allow-origin"] == [origin.1])
            }
        )
    }

    @Test("an address has no more sessions than it may, and gets one again when one has gone")
    func sessionsPerAddress() async throws {
        try await EngineTestServer.with(configure: { $0.sessionsPerAddressMax = 2 }) { server async throws in
            let clients = [try await server.open(.polling), try await server.open(.webSocket)]
            for headers in [[], TestWebSocket.handshakeHeaders] {
                let transport = headers.isEmpty ? "polling" : "websocket"
                let uri = "\(EngineTestServer.path)?EIO=4&transport=\(transport)"
                let refused = try await server.request("GET", uri, headers: headers)
                #expect(refused.status == 429)
                #expect(refused.body == #"{"code":4,"message":"Too many sessions"}"#)
            }
            // A request of an open session is none of a new one.
            try await clients[0].send("4hello")
            #expect(try await clients[0].receive() == "4hello")
            clients[1].abandon()
            try await eventually("one has gone") { server.engine.sessionCount == 1 }
            // A handshake that fails takes no place.
            let broken = try await server.request(
                "GET",
                "\(EngineTestServer.path)?EIO=4&transport=websocket",
                headers: [("Upgrade", "websocket"), ("Connection", "Upgrade")]
            )
            #expect(broken.status == 400)
            let again = try await server.open(.webSocket)
            again.abandon()
        }
    }

    @Test("a polling client that is closed between two polls gets what was sent before, and the end")
    func closeBetweenPolls() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            let session = try #require(server.sessions.first)
            session.send([.message(.text(ByteBuffer(string: "goodbye")))])
            session.close()
            session.send([.message(.text(ByteBuffer(string: "too late")))])
            #expect(try await client.poll() == ["4goodbye", "1"])
            #expect(try await server.ends(client) == .forcedClose)
            #expect(try await server.request(of: client).status == 400)
        }
    }

    @Test("a polling client that does not fetch what was sent before its end is forgotten in time")
    func closeAbandoned() async throws {
        try await EngineTestServer.with(configure: { $0.closeTimeout = .milliseconds(50) }) { server async throws in
            let client = try await server.open(.polling)
            let session = try #require(server.sessions.first)
            session.send([.message(.text(ByteBuffer(string: "goodbye")))])
            session.close()
            #expect(try await server.ends(client) == .forcedClose)
            #expect(server.engine.sessionCount == 0)
        }
    }
}
