import NIOCore
import SocketIO
import TestSupport
import Testing

/// Answers that many clients, or one, give to the server.
@Suite(.timeLimit(.minutes(2))) struct BroadcastAcknowledgementTests {
    private static func id(of text: String) throws -> String {
        let digits = text.dropFirst().prefix { $0.isNumber }
        return String(try #require(digits.isEmpty ? nil : digits))
    }

    @Test("a broadcast gathers the answers of all, encoded once for them with one id")
    func all() async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let clients = [try await server.connect(.webSocket), try await server.connect(.polling)]
            let asked = Task { try await server.root.all.timeout(.seconds(60)).emitWithAck("how many?", 1) }
            var ids: Set<String> = []
            for (number, client) in clients.enumerated() {
                let text = try await client.receiveText()
                #expect(text.hasSuffix(#"["how many?",1]"#))
                ids.insert(try Self.id(of: text))
                try await client.send(.text("3\(try Self.id(of: text))[\(number),\"more\"]"))
            }
            #expect(ids.count == 1)
            let answers = try await asked.value
            #expect(Set(try answers.decode(Int.self)) == [0, 1])
            #expect(answers.missing == 0)
        }
    }

    @Test("a broadcast to nobody is answered at once")
    func nobody() async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let answers = try await server.root.to("nowhere").timeout(.seconds(3_600)).emitWithAck("anybody?")
            #expect(answers.answers.isEmpty && answers.missing == 0)
        }
    }

    @Test("who does not answer in time is counted as missing, and the others' answers stay")
    func partial() async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let clients = [try await server.connect(), try await server.connect()]
            let asked = Task { try await server.root.all.timeout(.seconds(3)).emitWithAck("well?") }
            let text = try await clients[0].receiveText()
            try await clients[0].send(.text("3\(try Self.id(of: text))[\"yes\"]"))
            let answers = try await asked.value
            #expect(try answers.decode(String.self) == ["yes"])
            #expect(answers.missing == 1)
        }
    }

    @Test("a cancelled wait ends at once, for one client and for many", arguments: [false, true])
    func cancelled(_ isBroadcast: Bool) async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(server.root.socket(try await client.connect()))
            let asked = Task {
                if isBroadcast {
                    _ = try await server.root.all.timeout(.seconds(3_600)).emitWithAck("hello?")
                } else {
                    let _: Int = try await socket.timeout(.seconds(3_600)).emitWithAck("hello?")
                }
            }
            _ = try await client.receiveText()
            asked.cancel()
            await #expect(throws: CancellationError.self) { try await asked.value }
            // A task that is cancelled before it asks waits for nothing either.
            let never = Task {
                while !Task.isCancelled { await Task.yield() }
                let _: Int = try await socket.timeout(.seconds(3_600)).emitWithAck("hello?")
            }
            never.cancel()
            await #expect(throws: CancellationError.self) { try await never.value }
        }
    }

    @Test("an answer is read as what is expected, and is refused as anything else")
    func typed() async throws {
        try await SocketTestServer.with(setUp: { _ = $0.of("/") }) { server async throws in
            let client = try await server.open(.webSocket)
            let socket = try #require(server.root.socket(try await client.connect()))
            for answer in ["[42]", "[\"42\"]", "[]"] {
                let asked = Task { try await socket.timeout(.seconds(60)).emitWithAck("number?", returning: Int.self) }
                let text = try await client.receiveText()
                try await client.send(.text("3\(try Self.id(of: text))\(answer)"))
                if answer == "[42]" {
                    #expect(try await asked.value == 42)
                } else {
                    await #expect(throws: DecodingError.self) { try await asked.value }
                }
            }
        }
    }
}
