public import NIOCore

/// A reply in RESP2.
public enum RedisValue: Sendable, Hashable {
    /// The absent bulk string or array.
    case null
    /// `:1`
    case integer(Int64)
    /// `+OK`
    case status(String)
    /// `-ERR …`: the code and the text.
    case error(String)
    /// `$5 hello`: any bytes.
    case bulk(ByteBuffer)
    /// `*2 …`
    case array([RedisValue])

    /// The integer, or nil for another type.
    public var integer: Int? {
        if case .integer(let number) = self { Int(number) } else { nil }
    }

    /// The text of a status or bulk string, or nil for another type.
    public var string: String? {
        switch self {
        case .status(let text): text
        case .bulk(let bytes): String(buffer: bytes)
        case .null, .integer, .error, .array: nil
        }
    }

    /// The bytes of a bulk string, or nil for another type.
    public var bytes: ByteBuffer? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    /// The elements of an array, or nil for another type.
    public var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
