/// Why a client could not do something.
package enum SocketIOClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Nobody listens there, or the connection ended before it was made.
    case unreachable(String)
    /// The connection cannot be encrypted, or the server's certificate is not good.
    case untrusted(String)
    /// The server answered the request for a WebSocket, or one of long-polling, with another status.
    case refused(status: Int)
    /// The server refused the namespace; what it said, JSON.
    case connectError(String)
    /// The server sent what is no Engine.IO 4 or Socket.IO 5.
    case protocolViolation(String)
    /// No answer came in time.
    case timeout
    /// The connection is closed.
    case closed

    package var description: String {
        switch self {
        case .unreachable(let detail): "cannot connect: \(detail)"
        case .untrusted(let detail): "no trusted connection: \(detail)"
        case .refused(let status): "the server refused the connection with status \(status)"
        case .connectError(let json): "the server refused the namespace: \(json)"
        case .protocolViolation(let detail): "the server broke the protocol: \(detail)"
        case .timeout: "no answer in time"
        case .closed: "the connection is closed"
        }
    }
}
