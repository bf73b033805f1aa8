package import Domain

/// The ways to receivers that were used a moment ago.
///
/// People talk in bursts, and a new connection costs round trips, a TLS handshake, and the reading of the certificates of
/// all authorities.
package actor WebhookConnections {
    /// Shorter than the common servers keep a connection on which nothing is asked; Node's waits 5 s.
    static let idleMax = Duration.seconds(3)
    /// Connections that are kept for later.
    static let idleCountMax = 32

    private let sender: WebhookSender
    private var idle: [WebhookID: Idle] = [:]

    private struct Idle {
        let connection: WebhookConnection
        let since: ContinuousClock.Instant
    }

    package init(_ sender: WebhookSender) { self.sender = sender }

    /// The way to a receiver, for whoever has the webhook at the moment.
    package func take(_ webhook: WebhookID) -> WebhookConnection {
        idle.removeValue(forKey: webhook)?.connection ?? WebhookConnection(sender)
    }

    /// Keeps the way for a moment.
    package func giveBack(_ connection: WebhookConnection, to webhook: WebhookID) async {
        guard idle[webhook] == nil, idle.count < Self.idleCountMax else { return await connection.close() }
        idle[webhook] = Idle(connection: connection, since: .now)
    }

    /// Closes what nobody used for a while.
    package func closeIdle() async {
        let start = ContinuousClock.now - Self.idleMax
        await close { $0.since < start }
    }

    /// Closes what is kept.
    package func closeAll() async { await close { _ in true } }

    private func close(where isOver: (Idle) -> Bool) async {
        let over = idle.filter { isOver($0.value) }
        // Taken out first: what is being closed is not to be taken meanwhile.
        for id in over.keys { idle[id] = nil }
        for each in over.values { await each.connection.close() }
    }
}
