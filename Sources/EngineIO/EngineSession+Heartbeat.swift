import NIOCore

extension EngineSession {
    /// Waits `pingInterval`, then pings.
    ///
    /// The server pings because timers of a browser's background tab are throttled (Engine.IO revision 4).
    func beginPingInterval() {
        heartbeat?.cancel()
        heartbeat = context.loop.assumeIsolated().scheduleTask(in: TimeAmount(server.configuration.pingInterval)) {
            self.ping()
        }
    }

    private func ping() {
        guard state == .open else { return }
        context.turn { append([.ping]) }
        heartbeat = context.loop.assumeIsolated().scheduleTask(in: TimeAmount(server.configuration.pingTimeout)) {
            self.context.turn { self.end(.pingTimeout) }
        }
    }
}
