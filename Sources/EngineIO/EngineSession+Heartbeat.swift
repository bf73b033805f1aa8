import NIOCore

extension EngineSession {
    /// Waits `pingInterval`, then pings.
    ///
    /// The server pings because timers of a browser's background tab are throttled (Engine.IO revision 4).
    func beginPingInterval() {
        context.pingLater(self, after: server.pingInterval)
    }

    /// Pings, and waits `pingTimeout` for the answer. A timer that was a little late does not make that longer.
    func ping(at time: NIODeadline) {
        guard state != .closed else { return }
        append([.ping])
        context.awaitPong(self, for: server.pingTimeout, from: time)
    }

    /// The answer has not come.
    func missPong() {
        end(.pingTimeout)
    }
}
