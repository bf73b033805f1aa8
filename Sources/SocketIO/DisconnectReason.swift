public import EngineIO

/// Why a socket is no longer connected.
public enum DisconnectReason: Sendable, Equatable {
    /// The client left the namespace.
    case clientNamespaceDisconnect
    /// The server disconnected the client.
    case serverNamespaceDisconnect
    /// The connection ended.
    case connection(CloseReason)

    /// The reference server's text.
    public var text: String {
        switch self {
        case .clientNamespaceDisconnect: "client namespace disconnect"
        case .serverNamespaceDisconnect: "server namespace disconnect"
        case .connection(let reason): reason.rawValue
        }
    }

    /// Whether the client did not mean to go, and may come back to where it was.
    var isRecoverable: Bool {
        switch self {
        case .clientNamespaceDisconnect, .serverNamespaceDisconnect, .connection(.parseError): false
        case .connection(.transportClose), .connection(.transportError), .connection(.pingTimeout),
            .connection(.forcedClose), .connection(.slowConsumer), .connection(.serverShuttingDown):
            true
        }
    }
}
