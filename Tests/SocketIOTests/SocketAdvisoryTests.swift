import EngineIO
import NIOCore
import SocketIO
import TestSupport
import Testing

/// What broke Socket.IO servers before, as their advisories tell. Each ends with: the next client is served.
@Suite(.timeLimit(.minutes(2))) struct SocketAdvisoryTests {
    private func with(
        loops: Int = 2,
        connectTimeout: Duration = .seconds(45),
        setUp: (SocketServer) -> Void = { _ in },
        _ body: (SocketTestServer) async throws -> Void
    ) async throws {
        try await SocketTestServer.with(
            loops: loops,
            connectTimeout: connectTimeout,
            setUp: { io in
                io.of("/").on("message") { socket, event in socket.emit(event.renamed("message-back")) }
                setUp(io)
            },
            { server async throws in
                try await body(server)
                #expect(try await server.servesTheNextClient())
            }
        )
    }

    @Test(
        "a packet that would break whoever trusts it ends the connection",
        arguments: [
            // CVE-2022-2421: the number of an attachment was taken as it came.
            #"51-["message",{"_placeholder":true,"num":"splice"}]"#, #"51-["message",{"_placeholder":true,"num":-1}]"#,
            #"51-["message",{"_placeholder":true,"num":1e9}]"#, #"61-0[{"_placeholder":true,"num":"length"}]"#,
            // CVE-2023-32695: the name of an event was something else.
            #"2[{"toString":"x"}]"#, #"2[["message"]]"#, "2[null]", "2[1]", "2[true]", "2[]", #"2{"0":"message"}"#,
            // CVE-2026-33151: any number of attachments could be announced.
            #"511-["message"]"#, #"5999999999-["message"]"#, #"599999999999999999999999-["message"]"#,
            // Names that programs listen to for notices of their own.
            #"2["disconnect"]"#, #"2["connect"]"#, #"2["disconnecting","x"]"#, #"2["newListener"]"#,
            "0/\(String(repeating: "a", count: 300)),", "2[\"\(String(repeating: "a", count: 300))\"]",
        ],
        TestEngineClient.Transport.allCases
    )
    func hostile(_ packet: String, _ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await server.connect(transport)
            try await client.send(.text(packet))
            try await client.engine.receiveEnd()
            try await eventually("it is gone") { server.engine.sessionCount == 0 }
        }
    }

    @Test("JSON that is nested without end costs no more than its bytes", arguments: ["[", #"{"a":"#, #"[{"a":"#])
    func nested(_ level: String) async throws {
        try await with { server async throws in
            let client = try await server.connect()
            try await client.send(.text(#"2["message","# + String(repeating: level, count: 100_000)))
            try await client.engine.receiveEnd()
            try await eventually("it is gone") { server.engine.sessionCount == 0 }
        }
    }

    // CVE-2026-69185: all that came behind was kept, for attachments that were never complete.
    @Test("bytes behind an event that announces none end the connection", arguments: [#"50-["message"]"#, "60-1[]"])
    func noAttachments(_ packet: String) async throws {
        try await with { server async throws in
            let client = try await server.connect()
            try await client.send(.text(packet))
            try? await client.send(.binary([1, 2, 3]))
            try await client.engine.receiveEnd()
            try await eventually("it is gone") { server.engine.sessionCount == 0 }
        }
    }

    // CVE-2024-38355: an event of this name without a handler took the process down. Prototypes are a plague of their own.
    @Test("an event named as what a language treats in its own way is an event like others")
    func names() async throws {
        try await with { server async throws in
            let client = try await server.connect()
            for name in ["error", "__proto__", "constructor", "hasOwnProperty", "uncaughtException", ""] {
                try await client.send(#"2["\#(name)",{"__proto__":{"x":1}}]"#)
            }
            try await client.send(#"2["message",{"__proto__":{"x":1}}]"#)
            #expect(try await client.receive() == #"2["message-back",{"__proto__":{"x":1}}]"#)
        }
    }

    // socketioxide #311: to delete a namespace in its disconnect handler was a deadlock.
    @Test("a handler may end and look up anything while its socket goes, the namespace included")
    func disconnectHandler() async throws {
        let log = Log()
        try await with(
            setUp: { io in
                io.of(
                    where: { name, _ in name.hasPrefix("/room-") },
                    setUp: { namespace in
                        namespace.onDisconnect { [weak io] socket, _ in
                            socket.namespace.all.disconnectSockets()
                            socket.namespace.all.socketsLeave("a")
                            socket.disconnect(closeTransport: true)
                            socket.join("b")
                            _ = await socket.namespace.fetchSockets()
                            _ = io?.of(socket.namespace.name)
                            log.add(socket.namespace.name)
                        }
                    }
                )
            },
            { server async throws in
                let clients = [try await server.open(.webSocket), try await server.open(.polling)]
                for client in clients { try await client.connect(to: "/room-1") }
                try await clients[0].send("1/room-1,")
                try await log.waitFor(2)
                #expect(log.all == ["/room-1", "/room-1"])
            }
        )
    }

    // socketioxide: the time to connect ran out for many at once.
    @Test("many clients that join nothing are all cut, while one that joined stays")
    func connectTimeout() async throws {
        try await with(connectTimeout: .seconds(3)) { server async throws in
            let member = try await server.connect()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let client = try await server.open(number.isMultiple(of: 2) ? .webSocket : .polling)
                        try await client.engine.receiveEnd()
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("only the member is left") { server.engine.sessionCount == 1 }
            try await member.send(#"2["message"]"#)
            #expect(try await member.receive() == #"2["message-back"]"#)
        }
    }

    // go-socket.io #393: a map of namespaces was written by two connections at once.
    @Test("many clients come to the same new namespaces and leave them at the same time")
    func manyComeAndGo() async throws {
        try await with(loops: 4, setUp: { $0.of(where: { name, _ in name.hasPrefix("/room-") }, setUp: { _ in }) }) {
            server async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let client = try await server.open(.webSocket)
                        for round in 0..<20 {
                            try await client.connect(to: "/room-\(round % 3)")
                            try await client.send("1/room-\(round % 3),")
                        }
                        client.engine.abandon()
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("all have gone") { server.engine.sessionCount == 0 }
            for number in 0..<3 { #expect(server.io.of("/room-\(number)").socketCount == 0) }
        }
    }
}
