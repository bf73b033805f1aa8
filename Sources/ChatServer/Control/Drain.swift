import EngineIO
import Fleet
import Foundation
import Logging
import SocketIO

/// Sends the clients of this instance to the others, without a moment in which all of them knock at once.
///
/// The transport is closed, `Socket.disconnect()` is never used: a stock client that is told `io server disconnect` stays
/// away, one whose transport closes comes back by itself.
actor Drain {
    private let engine: EngineServer
    private let namespace: Namespace
    private let vitals: Vitals
    /// How long somebody who was just coming in waits to hear that they have to leave.
    private static let lookAgainInterval = Duration.milliseconds(250)

    private let clock: any Clock<Duration>
    private let logger: Logger
    /// Tells the registry of the new state.
    private let announce: @Sendable () async -> Void
    /// Closes who is left when the spread is over. Ends by itself, or with `resume`.
    private var closing: Task<Void, Never>?

    init(
        engine: EngineServer,
        namespace: Namespace,
        vitals: Vitals,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger,
        announce: @escaping @Sendable () async -> Void
    ) {
        self.engine = engine
        self.namespace = namespace
        self.vitals = vitals
        self.clock = clock
        self.logger = logger
        self.announce = announce
    }

    /// Takes no new clients from now on, tells each of those that are here a random moment within `spread` at which to
    /// leave, and closes the connections of the rest at its end. Returns when they have been told.
    ///
    /// - Returns: How many were told.
    @discardableResult
    func begin(spread: Duration) async -> Int {
        closing?.cancel()
        vitals.state = .draining
        engine.drain()
        await announce()
        let sockets = namespace.local.sockets
        for socket in sockets { tell(socket, spread: spread) }
        logger.info("draining", metadata: ["sockets": "\(sockets.count)", "spread": "\(spread)"])
        let told = Set(sockets.map(\.id))
        closing = Task { [engine, logger] in
            do { try await tellLateComers(told, within: spread) } catch { return }
            let left = engine.sessionCount
            engine.closeAll(.serverShuttingDown)
            logger.info("drained", metadata: ["closed": "\(left)"])
        }
        return sockets.count
    }

    /// Sessions that were opened before the drain, and whose sockets connect during it, have to leave too. Returns at the
    /// end of the spread.
    private func tellLateComers(_ told: Set<String>, within spread: Duration) async throws {
        var told = told
        var left = spread
        while left > .zero {
            let pause = min(left, Self.lookAgainInterval)
            try await clock.sleep(for: pause)
            left -= pause
            for socket in namespace.local.sockets where told.insert(socket.id).inserted { tell(socket, spread: left) }
        }
    }

    /// Takes clients again. Those that have left do not come back for that.
    func resume() async {
        closing?.cancel()
        closing = nil
        vitals.state = .ready
        engine.resume()
        await announce()
        logger.info("taking clients again")
    }

    /// Drains and returns when nobody is left, or when the spread and `patience` are over.
    func finish(spread: Duration, patience: Duration) async {
        // A drain that was begun from outside goes on with its own spread; with nobody left there is nothing to wait for.
        if closing == nil || engine.sessionCount > 0 { await begin(spread: spread) }
        let deadline = ContinuousClock.now + spread + patience
        while engine.sessionCount > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        closing?.cancel()
    }

    private func tell(_ socket: Socket, spread: Duration) {
        struct Moving: Encodable, Sendable {
            var in_ms: Int
        }
        let delay = Int.random(in: 0...max(0, Int(spread / .milliseconds(1))))
        // Only a number, which always encodes.
        try? socket.emit("server:moving", Moving(in_ms: delay))
    }
}
