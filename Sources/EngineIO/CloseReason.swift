/// Why a session ended; the texts are the reference server's.
public enum CloseReason: String, Sendable {
    /// The client closed, or its connection was lost.
    case transportClose = "transport close"
    /// The connection failed, or the client broke the protocol on it.
    case transportError = "transport error"
    /// The client did not answer a ping.
    case pingTimeout = "ping timeout"
    /// The client sent what cannot be read.
    case parseError = "parse error"
    /// The application closed it.
    case forcedClose = "forced close"
    /// The client read too slowly, and too much waited for it.
    case slowConsumer = "slow consumer"
    /// The server stops.
    case serverShuttingDown = "server shutting down"
}
