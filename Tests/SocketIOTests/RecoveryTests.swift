import Foundation
import NIOCore
import SocketIO
import TestSupport
import Testing

@testable import struct SocketIO.RecoveryLog
@testable import struct SocketIO.SocketData

/// Clients that lose their connection and go on where they were.
@Suite(.timeLimit(.minutes(2))) struct RecoveryTests {
    private enum Name: SocketDataKey { typealias Value = String }

    private struct Identity: Decodable {
        var sid: String
        var pid: String
    }

    private static func identity(_ answer: String) throws -> Identity {
        try JSONDecoder().decode(Identity.self, from: Data(answer.dropFirst().utf8))
    }

    /// Connects, and returns who the client is and the offset of a first event.
    private static func join(_ client: TestSocketClient) async throws -> (Identity, offset: String) {
        try await client.send("0")
        let identity = try identity(try await client.receiveText())
        let welcome = try await client.receiveText()
        let parts = try JSONDecoder().decode([String].self, from: Data(welcome.dropFirst().utf8))
        #expect(parts.count == 2 && parts[0] == "welcome")
        return (identity, try #require(parts.last))
    }

    private static func welcoming(_ io: SocketServer) {
        io.of("/").onConnection { socket in
            guard !socket.recovered else { return }
            socket.join("room")
            socket[Name.self] = "alice"
            try? socket.emit("welcome")
        }
    }

    @Test("a client that comes back has its id, rooms and data, and hears what it missed in front of the answer")
    func restores() async throws {
        try await SocketTestServer.with(recovery: ConnectionStateRecovery(), setUp: Self.welcoming) {
            server async throws in
            let client = try await server.open(.webSocket)
            let (identity, offset) = try await Self.join(client)
            let before = try #require(server.root.socket(identity.sid))
            client.engine.abandon()
            try await eventually("it has gone") { server.root.socketCount == 0 }
            try server.root.emit("to all", 1)
            try server.root.to("room").emit("to the room", Binary(ByteBuffer(string: "bytes")))
            try server.root.to("other").emit("to others")
            try server.root.except("room").emit("to all others")
            try server.root.volatile.emit("while it is here")
            try before.emit("to itself")

            let again = try await server.open(.webSocket)
            try await again.send(.text(#"0{"pid":"\#(identity.pid)","offset":"\#(offset)"}"#))
            #expect(try await again.receiveText().hasPrefix(#"2["to all",1,""#))
            #expect(try await again.receiveText().hasPrefix(#"51-["to the room",{"#))
            #expect(try await again.receive() == .binary(Array("bytes".utf8)))
            #expect(try await again.receiveText().hasPrefix(#"2["to itself",""#))
            #expect(try await again.receive() == .text(#"0{"sid":"\#(identity.sid)","pid":"\#(identity.pid)"}"#))
            let socket = try #require(server.root.socket(identity.sid))
            #expect(socket.recovered && socket !== before)
            #expect(socket.rooms == ["room", Room(identity.sid)])
            #expect(socket[Name.self] == "alice")
            try server.root.to("room").emit("later")
            #expect(try await again.receiveText().hasPrefix(#"2["later",""#))
            // Who still holds the socket of before reaches the client.
            try before.emit("by the old one")
            #expect(try await again.receiveText().hasPrefix(#"2["by the old one",""#))
        }
    }

    @Test("nobody is recovered twice, with an unknown id or offset, or after leaving on purpose", arguments: 0...4)
    func startsAnew(_ how: Int) async throws {
        try await SocketTestServer.with(recovery: ConnectionStateRecovery(), setUp: Self.welcoming) {
            server async throws in
            let client = try await server.open(.webSocket)
            let (identity, offset) = try await Self.join(client)
            var claim = (pid: "\"\(identity.pid)\"", offset: "\"\(offset)\"")
            switch how {
            case 0: claim.pid = "\"\(identity.sid)\""
            case 1: claim.offset = "\"zzzzzz\""
            case 2: claim.offset = "{\"$gt\":\"\"}"
            case 3: try await client.send("1")
            default: break
            }
            client.engine.abandon()
            try await eventually("it has gone") { server.root.socketCount == 0 }
            let text = "0{\"pid\":\(claim.pid),\"offset\":\(claim.offset)}"
            if how == 4 {
                let thief = try await server.open(.webSocket)
                try await thief.send(.text(text))
                #expect(try Self.identity(try await thief.receiveText()).sid == identity.sid)
            }
            let again = try await server.open(.webSocket)
            try await again.send(.text(text))
            let other = try Self.identity(try await again.receiveText())
            #expect(other.sid != identity.sid && other.pid != identity.pid)
        }
    }

    @Test("middlewares are asked again only when that is wanted", arguments: [true, false])
    func middlewares(_ skips: Bool) async throws {
        let log = Log()
        let recovery = ConnectionStateRecovery(skipMiddlewares: skips)
        try await SocketTestServer.with(
            recovery: recovery,
            setUp: { io in
                Self.welcoming(io)
                io.of("/").use { log.add($0.recovered ? "again" : "first") }
            },
            { server async throws in
                let client = try await server.open(.webSocket)
                let (identity, offset) = try await Self.join(client)
                client.engine.abandon()
                try await eventually("it has gone") { server.root.socketCount == 0 }
                let again = try await server.open(.webSocket)
                try await again.send(.text(#"0{"pid":"\#(identity.pid)","offset":"\#(offset)"}"#))
                #expect(try Self.identity(try await again.receiveText()).sid == identity.sid)
                #expect(log.all == (skips ? ["first"] : ["first", "again"]))
            }
        )
    }

    // MARK: The log

    private static func event(_ name: String) -> Payload { Payload(json: ByteBuffer(string: "[\"\(name)\"]")) }

    private static func offset(_ event: Payload) throws -> String {
        try #require(JSONDecoder().decode([String].self, from: Data(event.json.readableBytesView)).last)
    }

    @Test("events are forgotten by their number, their bytes and their age, the oldest first", arguments: 0...2)
    func forgetsEvents(_ limit: Int) throws {
        var limits = ConnectionStateRecovery(maxDisconnectionDuration: .seconds(10))
        if limit == 0 { limits.eventsMax = 2 }
        if limit == 1 { limits.bytesMax = 30 }
        var log = RecoveryLog(limits)
        let start = ContinuousClock.now
        var offsets: [String] = []
        for number in 0..<3 {
            let now = start + .seconds(limit == 2 ? 6 * number : 0)
            offsets.append(try Self.offset(log.append(Self.event("event \(number)"), BroadcastOptions(), at: now)))
        }
        #expect(log.missed(since: offsets[0], in: []) == nil)
        #expect(log.missed(since: offsets[1], in: [])?.count == 1)
        #expect(log.missed(since: offsets[2], in: [])?.isEmpty == true)
        for offset in ["", "-1", "0", "zzzzzzzzzzzzzzzzzzzzzzzz", "é"] {
            #expect(log.missed(since: offset, in: []) == nil)
        }
    }

    @Test("clients are forgotten by their number and after their time")
    func forgetsClients() {
        var limits = ConnectionStateRecovery(maxDisconnectionDuration: .seconds(10))
        limits.sessionsMax = 2
        var log = RecoveryLog(limits)
        let start = ContinuousClock.now
        for number in 0..<3 {
            log.keep(.init(id: "\(number)", rooms: [], data: SocketData()), as: "private \(number)", at: start)
        }
        #expect(log.take("private 0", at: start) == nil)
        #expect(log.take("private 1", at: start + .seconds(10))?.id == "1")
        #expect(log.take("private 1", at: start) == nil)
        #expect(log.take("private 2", at: start + .seconds(11)) == nil)
    }
}
