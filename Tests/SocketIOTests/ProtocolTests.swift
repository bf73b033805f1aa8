import EngineIO
import NIOCore
import SocketIO
import TestSupport
import Testing

/// What the protocol's own suite expects of its server, over both transports.
@Suite(.timeLimit(.minutes(2))) struct ProtocolTests {
    private typealias Transport = TestEngineClient.Transport

    /// The server that the suite expects.
    private func with(
        connectTimeout: Duration = .seconds(45),
        _ body: (SocketTestServer) async throws -> Void
    ) async throws {
        try await SocketTestServer.with(
            connectTimeout: connectTimeout,
            setUp: { io in
                for name in ["/", "/custom"] {
                    io.of(name).onConnection { socket in
                        socket.emit(Payload(event: "auth", argument: socket.handshake.authJSON))
                    }
                }
                io.of("/").on("message") { socket, event in socket.emit(event.renamed("message-back")) }
                io.of("/").on("message-with-ack") { _, event in event.acknowledgement?.send(event.arguments) }
            },
            body
        )
    }

    /// A client in `/` that has heard its `auth` event.
    private func connected(_ server: SocketTestServer, _ transport: TestEngineClient.Transport) async throws
        -> TestSocketClient
    {
        let client = try await server.connect(transport)
        let auth = try await client.receiveText()
        guard auth == #"2["auth",{}]"# else { throw TestConnection.Failure.unexpected(auth) }
        return client
    }

    @Test(
        "a namespace answers with the socket's id alone, and the handshake's credentials are there",
        arguments: TestEngineClient.Transport.allCases
    )
    func connects(_ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await server.open(transport)
            let id = try await client.connect(auth: #"{"token":"123","a":[1]}"#)
            #expect(id.count >= 20)
            #expect(id != client.engine.handshake.sid)
            #expect(try await client.receive() == #"2["auth",{"token":"123","a":[1]}]"#)
        }
    }

    @Test(
        "a custom namespace is joined with and without a comma",
        arguments: ["0/custom", "0/custom,", #"0/custom,{"a":1}"#]
    )
    func connectsCustom(_ packet: String) async throws {
        try await with { server async throws in
            let client = try await server.open(.webSocket)
            try await client.send(.text(packet))
            #expect(try await client.receiveText().hasPrefix(#"0/custom,{"sid":""#))
            let auth = packet.hasSuffix("}") ? #"{"a":1}"# : "{}"
            #expect(try await client.receive() == .text(#"2/custom,["auth",\#(auth)]"#))
        }
    }

    @Test("an unknown namespace is refused, and the connection stays", arguments: TestEngineClient.Transport.allCases)
    func unknownNamespace(_ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await server.open(transport)
            try await client.send("0/random")
            #expect(try await client.receive() == #"4/random,{"message":"Invalid namespace"}"#)
            try await client.connect()
        }
    }

    @Test(
        "what is no packet, or stands where it may not, ends the connection",
        arguments: [
            "abc", "2{}", #"2abc["message-with-ack",1]"#, "4", "9", #"2/custom,["message",1]"#, "0", #"51["message"]"#,
            #"511-["message"]"#, #"51-["message",{"_placeholder":true,"num":1}]"#, #"2["connect"]"#, "2[[]]",
        ],
        TestEngineClient.Transport.allCases
    )
    func hostile(_ packet: String, _ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await connected(server, transport)
            try await client.send(.text(packet))
            try await client.engine.receiveEnd()
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test(
        "an event or anything odd before the first CONNECT ends the connection",
        arguments: ["abc", #"2["message"]"#, "1", "0[]"]
    )
    func beforeConnect(_ packet: String) async throws {
        try await with { server async throws in
            let client = try await server.open(.webSocket)
            try await client.send(.text(packet))
            try await client.engine.receiveEnd()
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test(
        "bytes that no event announced, and an event where bytes are due, end the connection",
        arguments: TestEngineClient.Transport.allCases
    )
    func strayBytes(_ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let first = try await connected(server, transport)
            try await first.send(.binary([1]))
            try await first.engine.receiveEnd()
            let second = try await connected(server, transport)
            try await second.send(#"51-["message",{"_placeholder":true,"num":0}]"#)
            try await second.send(#"2["message"]"#)
            try await second.engine.receiveEnd()
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test("a binary event that announces no attachment keeps nothing waiting")
    func noAttachments() async throws {
        try await with { server async throws in
            let client = try await connected(server, .webSocket)
            try await client.send(#"50-["message",1]"#)
            #expect(try await client.receive() == #"2["message-back",1]"#)
            try await client.send(#"2["message",2]"#)
            #expect(try await client.receive() == #"2["message-back",2]"#)
        }
    }

    @Test("more namespaces than a connection may have end it")
    func manyNamespaces() async throws {
        try await SocketTestServer.with(setUp: { io in for number in 0..<60 { _ = io.of("/\(number)") } }) {
            server async throws in
            let client = try await server.open(.webSocket)
            for number in 0..<50 { try await client.connect(to: "/\(number)") }
            try await client.send("0/50")
            try await client.engine.receiveEnd()
        }
    }

    @Test("who joins no namespace in time is cut", arguments: TestEngineClient.Transport.allCases)
    func connectTimeout(_ transport: TestEngineClient.Transport) async throws {
        try await with(connectTimeout: .milliseconds(50)) { server async throws in
            let client = try await server.open(transport)
            try await client.engine.receiveEnd()
            try await eventually("it is gone") { server.engine.sessionCount == 0 }
        }
    }

    @Test(
        "who leaves its namespace keeps its connection and may come back",
        arguments: TestEngineClient.Transport.allCases
    )
    func leaves(_ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await server.open(transport)
            let first = try await client.connect()
            _ = try await client.receive()
            try await client.connect(to: "/custom")
            _ = try await client.receive()
            try await client.send("1")
            try await eventually("the socket is gone") { server.root.socketCount == 0 }
            #expect(server.io.of("/custom").socketCount == 1)
            #expect(server.engine.sessionCount == 1)
            let second = try await client.connect()
            #expect(first != second)
            #expect(try await client.receive() == #"2["auth",{}]"#)
            try await client.send("1/custom,")
            try await client.send(#"2["message",1]"#)
            #expect(try await client.receive() == #"2["message-back",1]"#)
            #expect(server.io.of("/custom").socketCount == 0)
        }
    }

    @Test("arguments come back as they went, byte for byte", arguments: TestEngineClient.Transport.allCases)
    func events(_ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await connected(server, transport)
            for arguments in ["", #",1,"2",{"3":[true]}"#, #",{"b":1,"a":1.50,"ä":"\u00e4\/","a":2}"#, ", null "] {
                try await client.send(.text(#"2["message"\#(arguments)]"#))
                #expect(try await client.receive() == .text(#"2["message-back"\#(arguments)]"#))
            }
        }
    }

    @Test(
        "an acknowledgement carries the id of its event, arguments byte for byte",
        arguments: TestEngineClient.Transport.allCases
    )
    func acknowledgements(_ transport: TestEngineClient.Transport) async throws {
        try await with { server async throws in
            let client = try await connected(server, transport)
            try await client.send(#"2456["message-with-ack",1,"2",{"3":[false]}]"#)
            #expect(try await client.receive() == #"3456[1,"2",{"3":[false]}]"#)
            try await client.send(#"20["message-with-ack"]"#)
            #expect(try await client.receive() == "30[]")
            try await client.send(#"2999999999999999["message-with-ack",{"b":0,"a":1}]"#)
            #expect(try await client.receive() == #"3999999999999999[{"b":0,"a":1}]"#)
        }
    }

    @Test(
        "attachments come back behind their event and their acknowledgement",
        arguments: TestEngineClient.Transport.allCases
    )
    func binary(_ transport: TestEngineClient.Transport) async throws {
        let two = #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#
        try await with { server async throws in
            let client = try await connected(server, transport)
            try await client.send(.text(#"52-["message",\#(two)]"#), .binary([1, 2, 3]), .binary([]))
            #expect(try await client.receive() == .text(#"52-["message-back",\#(two)]"#))
            #expect(try await client.receive() == .binary([1, 2, 3]))
            #expect(try await client.receive() == .binary([]))
            try await client.send(.text(#"52-789["message-with-ack",\#(two)]"#), .binary([4]), .binary([5]))
            #expect(try await client.receive() == .text("62-789[\(two)]"))
            #expect(try await client.receive() == .binary([4]))
            #expect(try await client.receive() == .binary([5]))
        }
    }

    @Test("an event that nobody handles is ignored, also one that is called error")
    func unhandled() async throws {
        try await with { server async throws in
            let client = try await connected(server, .webSocket)
            try await client.send(#"2["error",{}]"#, #"2["__proto__"]"#, #"21["unknown"]"#, #"2["message"]"#)
            #expect(try await client.receive() == #"2["message-back"]"#)
        }
    }

    @Test("an answer to what nobody asked is ignored")
    func strayAcknowledgement() async throws {
        try await with { server async throws in
            let client = try await connected(server, .webSocket)
            try await client.send("30[]", "3123456789012345[1]", #"2["message"]"#)
            #expect(try await client.receive() == #"2["message-back"]"#)
        }
    }
}
