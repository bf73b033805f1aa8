import EngineIO
import NIOCore
import TestSupport
import Testing

@testable import SocketIO

/// Rooms as sockets of a real server see them.
@Suite(.timeLimit(.minutes(2))) struct RoomTests {
    /// Three sockets, in no room, with the server's and the client's half of each.
    private func withThree(
        _ body: (SocketTestServer, _ clients: [TestSocketClient], _ sockets: [Socket]) async throws -> Void
    ) async throws {
        try await SocketTestServer.with(loops: 3, setUp: { _ = $0.of("/") }) { server async throws in
            var clients: [TestSocketClient] = []
            var sockets: [Socket] = []
            for transport in [.webSocket, .polling, .webSocket] as [SocketTestServer.Transport] {
                let client = try await server.open(transport)
                let id = try await client.connect()
                clients.append(client)
                sockets.append(try #require(server.root.socket(id)))
            }
            try await body(server, clients, sockets)
        }
    }

    /// What each client hears until a last event for all.
    private func heard(_ server: SocketTestServer, _ clients: [TestSocketClient]) async throws -> [[String]] {
        try server.root.all.emit("end")
        var heard: [[String]] = []
        for client in clients {
            var events: [String] = []
            while true {
                let text = try await client.receiveText()
                if text == #"2["end"]"# { break }
                events.append(String(text.dropFirst(3).dropLast(2)))
            }
            heard.append(events)
        }
        return heard
    }

    @Test("a broadcast reaches everybody, a room its members, each once however many rooms name it")
    func addresses() async throws {
        try await withThree { server, clients, sockets async throws in
            sockets[0].join("a", "b")
            sockets[1].join("b")
            try server.root.all.emit("all")
            try server.root.to("a").emit("a")
            try server.root.to("a", "b").emit("a or b")
            try server.root.to("nobody").emit("nobody")
            try server.root.to(Room(sockets[2].id), "a").emit("own room")
            #expect(
                try await heard(server, clients) == [
                    ["all", "a", "a or b", "own room"], ["all", "a or b"], ["all", "own room"],
                ]
            )
        }
    }

    @Test("who is in an excepted room, or is excepted by id, hears nothing")
    func excepts() async throws {
        try await withThree { server, clients, sockets async throws in
            sockets[0].join("a", "b")
            sockets[1].join("a")
            try server.root.all.except("b").emit("not b")
            try server.root.to("a").except("b").emit("a not b")
            try server.root.all.except(Room(sockets[2].id)).emit("not the third")
            try sockets[0].broadcast.emit("not me")
            try sockets[1].to("a").emit("to a, not me")
            #expect(
                try await heard(server, clients) == [
                    ["not the third", "to a, not me"], ["not b", "a not b", "not the third", "not me"],
                    ["not b", "not me"],
                ]
            )
        }
    }

    @Test("who left hears no more, and an empty room is gone")
    func leaves() async throws {
        try await withThree { server, clients, sockets async throws in
            sockets[0].join("a")
            #expect(sockets[0].rooms == ["a", Room(sockets[0].id)])
            #expect(server.root.adapter.isOccupied("a"))
            sockets[0].leave("a", "never joined")
            #expect(!server.root.adapter.isOccupied("a"))
            #expect(await server.root.adapter.allRooms().value == Set(sockets.map { Room($0.id) }))
            try server.root.to("a").emit("a")
            #expect(try await heard(server, clients) == [[], [], []])
        }
    }

    @Test("a socket does not leave the room of its own")
    func ownRoom() async throws {
        try await withThree { server, clients, sockets async throws in
            sockets[0].join(Room(sockets[0].id))
            sockets[0].leave(Room(sockets[0].id))
            try server.root.to(Room(sockets[0].id)).emit("mine")
            #expect(try await heard(server, clients) == [["mine"], [], []])
        }
    }

    @Test("many sockets are made to join, leave and go at once, and are found")
    func operatesOnMany() async throws {
        try await withThree { server, clients, sockets async throws in
            server.root.to(Room(sockets[0].id), Room(sockets[1].id)).socketsJoin("a")
            let found = await server.root.to("a").fetchSockets()
            #expect(Set(found.value.map(\.id)) == [sockets[0].id, sockets[1].id])
            #expect(found.missingServers == 0)
            server.root.to("a").except(Room(sockets[1].id)).socketsLeave("a")
            #expect(await server.root.to("a").fetchSockets().value.map(\.id) == [sockets[1].id])
            #expect(try await heard(server, clients).count == 3)
            server.root.to("a").disconnectSockets()
            #expect(try await clients[1].receive() == "1")
            server.root.to(Room(sockets[2].id)).disconnectSockets(closeTransport: true)
            try await clients[2].engine.receiveEnd()
            try await eventually("they are gone") { server.root.socketCount == 1 }
        }
    }

    @Test("a socket hears the emit that follows its join, and none that precedes it, a thousand times over")
    func joinThenEmit() async throws {
        try await withThree { server, clients, sockets async throws in
            for number in 0..<1_000 {
                let room = Room("r\(number)")
                try server.root.to(room).emit("too early")
                for socket in sockets { socket.join(room) }
                try server.root.to(room).emit("\(number)")
                for socket in sockets { socket.leave(room) }
                try server.root.to(room).emit("too late")
                // Paced by the clients, whose queues are bounded.
                if number.isMultiple(of: 100) {
                    let numbers = (max(0, number - 99)...number).map(String.init)
                    #expect(try await heard(server, clients) == [numbers, numbers, numbers])
                }
            }
        }
    }

    @Test("who has gone joins nothing")
    func lateJoin() async throws {
        try await withThree { server, clients, sockets async throws in
            clients[0].engine.abandon()
            try await eventually("the socket is gone") { server.root.socketCount == 2 }
            #expect(!sockets[0].isConnected)
            sockets[0].join("a")
            #expect(sockets[0].rooms.isEmpty)
            #expect(!server.root.adapter.isOccupied("a"))
        }
    }

    @Test("a volatile or local broadcast reaches whoever is here and can take it")
    func flags() async throws {
        try await withThree { server, clients, sockets async throws in
            try server.root.all.local.emit("local")
            try server.root.to(Room(sockets[0].id)).volatile.emit("volatile")
            let heard = try await heard(server, [clients[0]])
            #expect(heard == [["local", "volatile"]])
        }
    }
}
