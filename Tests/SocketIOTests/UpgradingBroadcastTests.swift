import EngineIO
import NIOCore
import SocketIO
import Synchronization
import TestSupport
import Testing

/// Sessions that move to another event loop while everybody is sent to.
@Suite(.timeLimit(.minutes(3))) struct UpgradingBroadcastTests {
    @Test(
        "many clients upgrade, join and leave while a room hears numbers: none is lost, doubled or out of place",
        arguments: [1, 2, 4]
    )
    func broadcasts(_ loops: Int) async throws {
        let clientCount = 30
        let (upgraded, received) = (Counter(), Counter())
        try await SocketTestServer.with(
            loops: loops,
            configure: {
                $0.outboxBytesMax = 1 << 30
                $0.outboxPacketsMax = 1 << 30
                $0.upgradeTimeout = .seconds(3_600)
            },
            setUp: { io in
                io.of("/").onConnection { $0.join("numbers") }
                // What a client asked for comes behind the numbers that came before, and in front of the next.
                io.of("/").on("hop") { (socket: Socket, event: Event) in
                    let room = Room("hop \(socket.id)")
                    socket.join(room)
                    socket.namespace.to(room).emit(event.renamed("hopped"))
                    socket.leave(room)
                }
            },
            { server async throws in
                var clients: [TestSocketClient] = []
                for _ in 0..<clientCount { clients.append(try await server.connect(.polling)) }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        var number = 0
                        var remaining = 100
                        while remaining > 0 {
                            try Task.checkCancellation()
                            if upgraded.value == clientCount { remaining -= 1 }
                            try server.root.to("numbers").emit("n", number)
                            number += 1
                            // Never far ahead of the clients.
                            let due = (number - 30) * clientCount
                            try await eventually("the clients keep up", within: .seconds(60)) { received.value >= due }
                        }
                        try server.root.to("numbers").emit("last", number)
                    }
                    for (index, client) in clients.enumerated() {
                        group.addTask { try await Self.check(client, upgradeAt: index * 3 + 1, upgraded, received) }
                    }
                    try await group.waitForAll()
                }
            }
        )
    }

    private static func check(
        _ client: TestSocketClient,
        upgradeAt: Int,
        _ upgraded: Counter,
        _ received: Counter
    ) async throws {
        var (next, hopsAsked, hopsHeard) = (0, 0, 0)
        var isLast = false
        while !isLast || hopsHeard < hopsAsked {
            let text = try await client.receiveText()
            switch text {
            case #"2["hopped",\#(hopsHeard)]"#:
                hopsHeard += 1
            case #"2["last",\#(next)]"#:
                isLast = true
            case #"2["n",\#(next)]"#:
                next += 1
                received.increment()
                if next.isMultiple(of: 7) {
                    try await client.send(.text(#"2["hop",\#(hopsAsked)]"#))
                    hopsAsked += 1
                }
                if next == upgradeAt {
                    try await client.engine.upgrade()
                    upgraded.increment()
                }
            default:
                throw TestConnection.Failure.unexpected("\(text) where \(next) or hop \(hopsHeard) was due")
            }
        }
    }

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }
}
