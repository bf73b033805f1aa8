extension EngineSession: WebSocketHandler.Peer {
    package func received(_ message: EngineMessage, on socket: WebSocketHandler) {
        guard let packet = InboundPacket(message) else { return socket.fail(.policyViolation) }
        receive(packet, in: context)
    }

    package func closed(_ socket: WebSocketHandler) {
        context.turn { end(.transportClose) }
    }

    package func becameWritable(_ socket: WebSocketHandler) {
        flush()
    }

    // MARK: Upgrade

    /// Turns away a WebSocket whose session has one already, or is about to, without letting it run into its timeout.
    func greet(_ probe: UpgradeProbe) {
        guard state == .open, upgrade == nil, case .polling = transport else { return probe.abandon() }
    }

    /// Takes a WebSocket on trial for a polling session: answers its probe and lets go of the waiting poll.
    func probed(by probe: UpgradeProbe) {
        guard state == .open, upgrade == nil, case .polling(let poll) = transport else { return probe.abandon() }
        upgrade = probe
        probe.accept()
        if let poll {
            transport = .polling(nil)
            answer(poll, with: [.noop])
        }
    }

    /// The client has sent its `5`: from here on the WebSocket carries the session, and its loop is the session's home.
    func completeUpgrade(_ probe: UpgradeProbe) {
        guard state == .open, upgrade === probe else { return probe.abandon() }
        move(to: probe.context.index) { self.arrive(on: probe) }
    }

    private func arrive(on probe: UpgradeProbe) {
        guard state == .open else { return probe.abandon() }
        upgrade = nil
        guard let packets = probe.finish() else {
            // The WebSocket was given up on the way; the client has left polling behind and will not come back to it.
            return end(.transportClose)
        }
        transport = .webSocket(probe.socket)
        beginPingInterval()
        for packet in packets { receive(packet, in: context) }
        probe.handOver(to: self)
        flush()
    }

    func upgradeFailed(_ probe: UpgradeProbe) {
        if upgrade === probe { upgrade = nil }
    }
}
