/// Why bytes could not be turned from JSON into MessagePack, back, or into a cluster message.
enum CodecError: Error, Equatable {
    /// The value ends before its bytes do, or the other way round.
    case truncated
    /// A byte or type that the format does not have.
    case malformed
    /// Deeper than `JSONScanner.depthMax`.
    case tooDeep
    /// Longer than `WireLimits` allow.
    case tooLarge
    /// A string that is not UTF-8.
    case notUTF8
    /// A placeholder that names no attachment, or one that came as plain data beside real attachments.
    case placeholder
    /// A member that the message needs is missing or has another type.
    case member(String)
}

/// Bounds for what comes from Redis, where anybody with its password may write.
enum WireLimits {
    /// Longest message, in bytes.
    static let messageBytesMax = 16 << 20
    /// Longest text that a message may grow to as JSON, in bytes: a byte of MessagePack can become six.
    static let jsonBytesMax = 32 << 20
    /// Most attachments of one message.
    static let attachmentsMax = 64
    /// Most rooms that one message may name, in `rooms` and `except` each.
    static let roomsMax = 4_096
    /// Longest name of a room, in bytes.
    static let roomBytesMax = 1_024
    /// Longest time that a server is asked to wait for acknowledgements.
    static let timeoutMax = Duration.seconds(600)
}
