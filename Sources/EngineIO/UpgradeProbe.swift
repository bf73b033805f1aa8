import NIOCore

/// A WebSocket that asks to take over a polling session. Confined to the WebSocket's loop.
///
/// Source: Engine.IO protocol, revision 4, "Upgrade": the client sends `2probe`, the server answers `3probe`, the
/// client lets its poll come back and sends `5`.
final class UpgradeProbe: WebSocketHandler.Peer, @unchecked Sendable {
    let context: LoopContext
    let socket: WebSocketHandler
    private let channel: any Channel
    private let session: EngineSession
    private var timeout: Scheduled<Void>?
    private var stage = Stage.waitingForProbe

    private enum Stage {
        case waitingForProbe
        case probed
        /// With the packets that followed the `5` before the session arrived on this loop.
        case upgrading([InboundPacket])
        case over
    }

    init(
        session: EngineSession,
        channel: any Channel,
        context: LoopContext,
        compression: WebSocketHandler.Compression?
    ) {
        let configuration = session.server.configuration
        self.session = session
        self.channel = channel
        self.context = context
        socket = WebSocketHandler(
            channel: channel,
            context: context,
            limits: WebSocketHandler.Limits(messageBytesMax: configuration.maxPayload),
            compression: compression
        )
        socket.setPeer(self)
        let delay = TimeAmount(configuration.upgradeTimeout)
        timeout = context.loop.assumeIsolated().scheduleTask(in: delay) { self.giveUp() }
    }

    // MARK: From the session's home loop

    /// Answers the probe.
    func accept() {
        context.loop.execute {
            guard case .waitingForProbe = self.stage else { return }
            self.stage = .probed
            self.socket.write(OutboundPacket.control(.pong, ByteBuffer(string: "probe")))
            self.socket.flush()
        }
    }

    /// Closes the WebSocket; the session goes on without it.
    func abandon() {
        context.loop.execute { self.giveUp() }
    }

    // MARK: On the WebSocket's loop

    /// Ends the trial and returns what came for the session meanwhile; nil when the WebSocket was given up.
    func finish() -> [InboundPacket]? {
        context.loop.preconditionInEventLoop()
        timeout?.cancel()
        guard case .upgrading(let packets) = stage else { return nil }
        stage = .over
        return packets
    }

    /// Makes the session the WebSocket's peer, which hears at once of a close that came meanwhile.
    func handOver(to session: EngineSession) {
        socket.setPeer(session)
        channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in self.channel.close(promise: nil) }
    }

    func received(_ message: EngineMessage, on socket: WebSocketHandler) {
        guard let packet = InboundPacket(message) else { return socket.fail(.policyViolation) }
        switch (stage, packet) {
        case (.waitingForProbe, .ping(let content)) where content == ByteBuffer(string: "probe"):
            session.server.mailboxes.post(on: session) { _ in self.session.probed(by: self) }
        case (.probed, .upgrade):
            stage = .upgrading([])
            // What follows belongs to the session, which is not here yet; at most one read's worth is held.
            channel.setOption(.autoRead, value: false).assumeIsolated().whenFailure { _ in self.giveUp() }
            session.server.mailboxes.post(on: session) { _ in self.session.completeUpgrade(self) }
        case (.upgrading(var packets), _):
            packets.append(packet)
            stage = .upgrading(packets)
        case (.waitingForProbe, _), (.probed, _):
            giveUp()
        case (.over, _):
            break
        }
    }

    func closed(_ socket: WebSocketHandler) {
        // Behind its `5` a client may send what is its last word and close: the session takes that first.
        if case .upgrading = stage { return }
        giveUp()
    }

    func becameWritable(_ socket: WebSocketHandler) {}

    private func giveUp() {
        timeout?.cancel()
        if case .over = stage { return }
        stage = .over
        socket.close(.normal)
        session.server.mailboxes.post(on: session) { _ in self.session.upgradeFailed(self) }
    }
}
