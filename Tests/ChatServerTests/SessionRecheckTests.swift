import Domain
import EngineIO
import NIOCore
import NIOPosix
import SocketIO
import TestSupport
import Testing

@testable import ChatServer

@Suite("The comparison of sessions with the database")
struct SessionRecheckTests {
    @Test("without word from anybody an ended session is cut after thirty seconds, and others stay")
    func interval() async throws {
        try await ThrowawayDatabase.with { throwaway in
            let chat = throwaway.chat()
            let people = ["alice": try await chat.bot("alice"), "bob": try await chat.bot("bob")]
            let live = LiveSockets(perUserMax: 10)
            try await Self.serve { namespace in
                namespace.onConnection { socket in
                    let name = (try? socket.handshake.decodeAuth([String: String].self))?["name"] ?? ""
                    if let identity = people[name] { _ = live.add(socket, identity) }
                }
            } _: { port in
                let alice = try await Self.connect("alice", port)
                let bob = try await Self.connect("bob", port)
                try await eventually("both are known") { live.all.count == 2 }
                let clock = SteppedClock()
                let recheck = SessionRecheck(chat: chat, live: live, clock: clock, logger: ThrowawayDatabase.silence)
                let running = Task { await recheck.run() }
                let ended = try #require(people["alice"])
                try await chat.revokeToken(ended.session, of: ended.user.id, by: .owner)

                try await clock.advance(by: SessionRecheck.intervalDefault - .seconds(1))
                for client in [alice, bob] {
                    try await client.send(#"42["still here"]"#)
                    #expect(try await client.receive() == #"42["yes"]"#)
                }
                try await clock.advance(by: .seconds(1))
                guard case .text(let farewell) = try await alice.receive() else {
                    return #expect(Bool(false), "no text")
                }
                #expect(farewell.hasPrefix(#"42["error:fatal",{"#))
                #expect(farewell.contains(#""code":"unauthenticated""#))
                try await alice.receiveEnd()
                try await bob.send(#"42["still here"]"#)
                #expect(try await bob.receive() == #"42["yes"]"#)
                running.cancel()
                await running.value
            }
        }
    }

    /// A Socket.IO server on a port.
    private static func serve(
        _ setUp: (Namespace) -> Void,
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let mailboxes = LoopMailboxes(group)
        let io = SocketServer(mailboxes: mailboxes)
        io.of("/").on("still here") { socket, _ in try? socket.emit("yes") }
        setUp(io.of("/"))
        let engine = EngineServer(configuration: EngineConfiguration(), mailboxes: mailboxes, opened: io.open)
        let result: Result<Void, any Error>
        do {
            let listener = try await HTTPListener.bind(
                host: "127.0.0.1",
                port: 0,
                on: group,
                bodyRule: { _ in .init(bytesMax: engine.configuration.maxPayload) },
                handle: engine.handle
            )
            result = .success(try await body(listener.localAddress?.port ?? 0))
        } catch {
            result = .failure(error)
        }
        try await group.shutdownGracefully()
        try result.get()
    }

    private static func connect(_ name: String, _ port: Int) async throws -> TestEngineClient {
        let client = try await TestEngineClient.open(.webSocket, port: port, path: "/socket.io/")
        try await client.send(.text(#"40{"name":"\#(name)"}"#))
        guard case .text(let answer) = try await client.receive(), answer.hasPrefix("40{") else {
            throw TestConnection.Failure.unexpected("no connection")
        }
        return client
    }
}
