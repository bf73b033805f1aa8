import NIOCore
import SocketIO
import TestSupport
import Testing

/// Namespaces that come with their first client and go with their last.
@Suite(.timeLimit(.minutes(2))) struct DynamicNamespaceTests {
    private static func setUp(_ io: SocketServer) {
        _ = io.of("/room-0")
        io.of(
            where: { name, handshake in
                await Task.yield()
                return name.hasPrefix("/room-") && handshake.authJSON.readableBytes == 2
            },
            setUp: { namespace in
                _ = io.of("/made beside")
                namespace.onConnection { socket in try? socket.emit("welcome", socket.namespace.name) }
            }
        )
    }

    @Test("clients that ask for the same name meet, others do not")
    func meet() async throws {
        try await SocketTestServer.with(setUp: Self.setUp) { server async throws in
            let clients = [try await server.open(.webSocket), try await server.open(.polling)]
            for client in clients {
                try await client.connect(to: "/room-1")
                #expect(try await client.receive() == #"2/room-1,["welcome","/room-1"]"#)
            }
            try await clients[0].connect(to: "/room-2")
            #expect(server.io.of("/room-1").socketCount == 2)
            #expect(server.io.of("/room-2").socketCount == 1)
        }
    }

    @Test("a name that no rule takes, or not for this client, is refused")
    func refused() async throws {
        try await SocketTestServer.with(setUp: Self.setUp) { server async throws in
            let client = try await server.open(.webSocket)
            try await client.send("0/other,")
            #expect(try await client.receive() == #"4/other,{"message":"Invalid namespace"}"#)
            try await client.send(#"0/room-1,{"a":1}"#)
            #expect(try await client.receive() == #"4/room-1,{"message":"Invalid namespace"}"#)
            try await client.connect(to: "/room-1")
        }
    }

    @Test("a namespace goes with its last client, and one that was there before stays")
    func goes() async throws {
        try await SocketTestServer.with(setUp: Self.setUp) { server async throws in
            let clients = [try await server.open(.webSocket), try await server.open(.webSocket)]
            let fixed = server.io.of("/room-0")
            try await clients[0].connect(to: "/room-0")
            for client in clients { try await client.connect(to: "/room-1") }
            let first = server.io.of("/room-1")
            clients[1].engine.abandon()
            try await eventually("one has gone") { first.socketCount == 1 }
            #expect(server.io.of("/room-1") === first)
            try await clients[0].send("1/room-1,", "1/room-0,")
            try await eventually("both have gone") { first.socketCount == 0 && fixed.socketCount == 0 }
            let third = try await server.open(.webSocket)
            try await third.connect(to: "/room-1")
            #expect(server.io.of("/room-1") !== first)
            #expect(server.io.of("/room-0") === fixed)
        }
    }
}
