import EngineIO
import NIOCore
import Synchronization
import TestSupport
import Testing

/// From polling to WebSocket, with one event loop and with a WebSocket that is on another loop than the session.
@Suite(.timeLimit(.minutes(3))) struct UpgradeTests {
    @Test("a session goes on over WebSocket after the upgrade, and polls no more", arguments: [1, 2, 3])
    func upgrades(_ loops: Int) async throws {
        try await EngineTestServer.with(loops: loops) { server async throws in
            let client = try await server.open(.polling)
            try await client.send("4before")
            #expect(try await client.receive() == "4before")
            try await client.upgrade()
            for packet in ["4hello", .binary([1, 2, 3])] as [TestEngineClient.Packet] {
                try await client.send(packet)
                #expect(try await client.receive() == packet)
            }
            #expect(try await server.request(of: client).status == 400)
            #expect(try await server.request("POST", of: client, body: "4x").status == 400)
            try await client.send("4still")
            #expect(try await client.receive() == "4still")
            #expect(server.engine.sessionCount == 1)
        }
    }

    @Test("an upgrade may be any request of a connection, not only its first")
    func laterRequest() async throws {
        try await EngineTestServer.with { server async throws in
            let client = try await server.open(.polling)
            let connection = try await TestConnection.open(port: server.port)
            #expect(try await connection.request("POST", client.uri(.polling), body: "4a").status == 200)
            #expect(try await connection.request("GET", client.uri(.polling)).body == "4a")
            let socket = try await TestWebSocket.upgrade(connection, client.uri(.webSocket))
            try await socket.send("2probe")
            #expect(try await socket.receiveText() == "3probe")
            try await socket.send("5")
            try await socket.send("4hello")
            #expect(try await socket.receiveText() == "4hello")
        }
    }

    @Test("frames that come in one piece with the handshake are read")
    func framesWithHandshake() async throws {
        try await EngineTestServer.with { server async throws in
            let connection = try await TestConnection.open(port: server.port)
            var text = "GET \(EngineTestServer.path)?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\n"
            for (name, value) in TestWebSocket.handshakeHeaders { text += "\(name): \(value)\r\n" }
            var wire = ByteBuffer(string: text + "\r\n")
            wire.writeImmutableBuffer(TestWebSocket.frame(.text, Array("4early".utf8)))
            try await connection.write(wire)
            #expect(try await connection.response().status == 101)
            let frames = try await connection.read { bytes in
                String(buffer: bytes).contains("4early") ? String(buffer: bytes) : nil
            }
            #expect(frames.contains("pingInterval"))
        }
    }

    @Test("the probe lets the waiting poll come back, and the next ones at once")
    func noop() async throws {
        try await EngineTestServer.with(loops: 3) { server async throws in
            let client = try await server.open(.polling)
            let poll = try await TestConnection.open(port: server.port)
            try await poll.send("GET", client.uri(.polling))
            let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await socket.send("2probe")
            #expect(try await socket.receiveText() == "3probe")
            #expect(try await poll.response().body == "6")
            #expect(try await server.request(of: client).body == "6")
            #expect(try await server.request(of: client).body == "6")
            try await client.send("4posted")
            #expect(try await server.request(of: client).body == "4posted")
            try await socket.send("5")
            try await socket.send("4hello")
            #expect(try await socket.receiveText() == "4hello")
        }
    }

    @Test("what waits for the client at the upgrade comes over the WebSocket, what follows it in one piece is read")
    func queued() async throws {
        try await EngineTestServer.with(loops: 3) { server async throws in
            let client = try await server.open(.polling)
            let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await socket.send("2probe")
            #expect(try await socket.receiveText() == "3probe")
            for number in 1...3 { try await client.send("4\(number)") }
            var wire = TestWebSocket.frame(.text, Array("5".utf8))
            for number in 4...6 { wire.writeImmutableBuffer(TestWebSocket.frame(.text, Array("4\(number)".utf8))) }
            try await socket.connection.write(wire)
            for number in 1...6 { #expect(try await socket.receiveText() == "4\(number)") }
        }
    }

    @Test("a second WebSocket for an upgraded session is closed at once, and the first keeps working")
    func secondWebSocket() async throws {
        try await EngineTestServer.with(loops: 3, configure: { $0.upgradeTimeout = .seconds(3_600) }) {
            server async throws in
            let client = try await server.open(.polling)
            try await client.upgrade()
            let second = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await second.receiveClose()
            let third = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try? await third.send("2probe")
            try await third.receiveClose()
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
        }
    }

    @Test("a second WebSocket is closed at once while the first one upgrades, and the first goes on")
    func besideUpgrade() async throws {
        try await EngineTestServer.with(loops: 3, configure: { $0.upgradeTimeout = .seconds(3_600) }) {
            server async throws in
            let client = try await server.open(.polling)
            let first = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await first.send("2probe")
            #expect(try await first.receiveText() == "3probe")
            let second = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await second.receiveClose()
            try await first.send("5")
            try await first.send("4hello")
            #expect(try await first.receiveText() == "4hello")
        }
    }

    @Test("a WebSocket for a session that began as one is closed, and the session keeps working")
    func besideWebSocket() async throws {
        try await EngineTestServer.with(loops: 3, configure: { $0.upgradeTimeout = .seconds(3_600) }) {
            server async throws in
            let client = try await server.open(.webSocket)
            let second = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await second.receiveClose()
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
        }
    }

    @Test(
        "a WebSocket that does not probe and upgrade as it should is closed, and polling goes on",
        arguments: ["4hello", "2", "2other", "5", "abc", "3probe"]
    )
    func badProbe(_ packet: String) async throws {
        try await EngineTestServer.with(loops: 3) { server async throws in
            let client = try await server.open(.polling)
            let first = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await first.send(packet)
            try await first.receiveClose()
            let second = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await second.send("2probe")
            #expect(try await second.receiveText() == "3probe")
            try await second.send(packet == "5" ? "2probe" : packet)
            try await second.receiveClose()
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
            try await client.upgrade()
            try await client.send("4over WebSocket")
            #expect(try await client.receive() == "4over WebSocket")
        }
    }

    @Test("an upgrade that is not finished in time is given up, and polling goes on")
    func upgradeTimeout() async throws {
        try await EngineTestServer.with(configure: { $0.upgradeTimeout = .milliseconds(50) }) { server async throws in
            let client = try await server.open(.polling)
            let silent = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await silent.receiveClose()
            let half = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await half.send("2probe")
            try await half.receiveClose()
            try await client.send("4hello")
            #expect(try await client.receive() == "4hello")
        }
    }

    @Test("a WebSocket that is lost before its upgrade leaves polling as it was", arguments: [false, true])
    func lostBefore(_ probed: Bool) async throws {
        try await EngineTestServer.with(loops: 3) { server async throws in
            let client = try await server.open(.polling)
            let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            if probed {
                try await socket.send("2probe")
                #expect(try await socket.receiveText() == "3probe")
            }
            try await socket.connection.reset()
            // While the server still believes in the WebSocket, polls come back with a noop.
            try await client.send("4hello")
            var packet = try await client.receive()
            while packet == "6" { packet = try await client.receive() }
            #expect(packet == "4hello")
        }
    }

    @Test("a WebSocket that is lost at its upgrade ends the session at once", arguments: [1, 2, 3])
    func lostAtUpgrade(_ loops: Int) async throws {
        try await EngineTestServer.with(loops: loops) { server async throws in
            for _ in 0..<20 {
                let client = try await server.open(.polling)
                let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
                try await socket.send("2probe")
                #expect(try await socket.receiveText() == "3probe")
                try await socket.send("5")
                try await socket.connection.reset()
                #expect(try await server.ends(client) == .transportClose)
            }
            #expect(server.engine.sessionCount == 0)
        }
    }

    @Test("what a client sends behind its upgrade is received, even if it closes then", arguments: [1, 2, 3])
    func closesAtUpgrade(_ loops: Int) async throws {
        try await EngineTestServer.with(loops: loops) { server async throws in
            for _ in 0..<20 {
                let client = try await server.open(.polling)
                let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
                try await socket.send("2probe")
                #expect(try await socket.receiveText() == "3probe")
                var wire = TestWebSocket.frame(.text, Array("5".utf8))
                for text in ["4one", "4two"] { wire.writeImmutableBuffer(TestWebSocket.frame(.text, Array(text.utf8))) }
                wire.writeImmutableBuffer(TestWebSocket.frame(.close))
                try await socket.connection.write(wire)
                #expect(try await server.ends(client) == .transportClose)
                let messages = ["one", "two"].map { EngineMessage.text(ByteBuffer(string: $0)) }
                #expect(server.messages(of: client) == messages)
            }
        }
    }

    @Test("a session that ends while it upgrades takes the WebSocket with it")
    func endsMeanwhile() async throws {
        try await EngineTestServer.with(loops: 3) { server async throws in
            let client = try await server.open(.polling)
            let socket = try await TestWebSocket.open(port: server.port, client.uri(.webSocket))
            try await socket.send("2probe")
            #expect(try await socket.receiveText() == "3probe")
            server.sessions[0].close()
            try await socket.receiveClose()
            #expect(try await server.ends(client) == .forcedClose)
        }
    }

    @Test("heartbeats go on over the upgrade, at whatever moment it comes")
    func heartbeat() async throws {
        try await EngineTestServer.with(loops: 3, configure: { $0.pingInterval = .milliseconds(20) }) {
            server async throws in
            let client = try await server.open(.polling, answersPings: false)
            #expect(try await client.receive() == "2")
            // The pong to a ping that came over polling goes over the WebSocket.
            try await client.upgrade()
            try await client.send("3")
            for _ in 0..<2 {
                #expect(try await client.receive() == "2")
                try await client.send("3")
            }
        }
    }

    @Test(
        "many sessions upgrade while all are sent numbered packets: none is lost, doubled or out of place",
        arguments: [1, 2, 4]
    )
    func underLoad(_ loops: Int) async throws {
        let clientCount = 40
        try await EngineTestServer.with(
            loops: loops,
            configure: {
                $0.outboxBytesMax = 1 << 30
                $0.outboxPacketsMax = 1 << 30
                $0.upgradeTimeout = .seconds(3_600)
                // On a busy machine a client may be late with its pongs.
                $0.pingInterval = .seconds(3_600)
            },
            { server async throws in
                var clients: [TestEngineClient] = []
                for _ in 0..<clientCount { clients.append(try await server.open(.polling)) }
                let sessions = server.sessions
                let (upgraded, received) = (Counter(), Counter())
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        // Goes on for a while after the last upgrade, and never far ahead of the clients.
                        var number = 0
                        var remaining = 100
                        while remaining > 0 {
                            try Task.checkCancellation()
                            if upgraded.value == clientCount { remaining -= 1 }
                            let packet = OutboundPacket.message(.text(ByteBuffer(string: "\(number)")))
                            for session in sessions { session.send([packet]) }
                            number += 1
                            let due = (number - 30) * clientCount
                            try await eventually("the clients keep up", within: .seconds(60)) { received.value >= due }
                        }
                        let last = OutboundPacket.message(.text(ByteBuffer(string: "last \(number)")))
                        for session in sessions { session.send([last]) }
                    }
                    for (index, client) in clients.enumerated() {
                        group.addTask {
                            try await Self.checkNumbers(client, upgradeAt: index * 3 + 1, upgraded, received)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(sessions.count == clientCount)
            }
        )
    }

    /// Receives numbers from 0 until the last one, upgrades in between, and sends messages of its own all the time.
    private static func checkNumbers(
        _ client: TestEngineClient,
        upgradeAt: Int,
        _ upgraded: Counter,
        _ received: Counter
    ) async throws {
        var (next, echoesSent, echoesReceived) = (0, 0, 0)
        var isLast = false
        while !isLast || echoesReceived < echoesSent {
            guard case .text(let text) = try await client.receive() else { throw OutOfPlace(description: "bytes") }
            switch text {
            case "4echo \(echoesReceived)":
                echoesReceived += 1
            case "4last \(next)":
                isLast = true
            case "4\(next)":
                next += 1
                received.increment()
                if next.isMultiple(of: 10) {
                    try await client.send("4echo \(echoesSent)")
                    echoesSent += 1
                }
                if next == upgradeAt {
                    try await client.upgrade()
                    upgraded.increment()
                }
            default:
                throw OutOfPlace(description: "\(text) where \(next) or echo \(echoesReceived) was due")
            }
        }
    }

    private struct OutOfPlace: Error, CustomStringConvertible { let description: String }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }
}
