/// Why a command did not give its value.
public enum RedisError: Error, Sendable, Hashable {
    /// The URL of the server cannot be used, for the reason given.
    case invalidURL(String)
    /// No encrypted connection: the server's certificate was refused, or the file of authorities cannot be used.
    case invalidTLS(String)
    /// Redis answered with an error: its code and text, such as `WRONGTYPE Operation against …`.
    case server(String)
    /// No answer came in time. Whether the command was executed is unknown.
    case timeout(command: String)
    /// The connection ended after the command was sent. Whether it was executed is unknown.
    case connectionLost
    /// Too many commands wait for a connection; this one was not sent.
    case overloaded
    /// The client has been stopped.
    case closed
    /// Bytes that are not RESP2, or larger or deeper than the limits allow.
    case protocolViolation(String)
    /// The command's answer has another type than this command gives.
    case unexpectedReply(command: String)
}

extension RedisError: CustomStringConvertible {
    /// One line for a log.
    public var description: String {
        switch self {
        case .invalidURL(let reason): "invalid Redis URL: \(reason)"
        case .invalidTLS(let reason): "no encrypted connection to Redis: \(reason)"
        case .server(let text): "Redis answered: \(text)"
        case .timeout(let command): "Redis did not answer \(command) in time"
        case .connectionLost: "the connection to Redis was lost"
        case .overloaded: "too many commands wait for Redis"
        case .closed: "the Redis client has been stopped"
        case .protocolViolation(let reason): "Redis sent something that is not RESP2: \(reason)"
        case .unexpectedReply(let command): "Redis gave \(command) an answer of an unexpected type"
        }
    }
}
