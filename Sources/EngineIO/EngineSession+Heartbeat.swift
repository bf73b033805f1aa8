import NIOCore

extension EngineSession {
    /// Waits `pingInterval`, then pings.
    ///
    /// The server pings because timers of a browser's background tab are throttled (Engine.IO revision 4).
    func beginPingInterval() {
        context.pingLater(self, after: server.pingInterval)
    }

    /// Pings, and waits `pingTimeout` for the answer.
    func ping() {
        guard state != .closed else { return }
        append([.ping])
        context.awaitPong(self, for: server.pingTimeout)
    }

    /// The answer has not come.
    func missPong() {
        end(.pingTimeout)
    }
}
