import NIOHTTP1

/// Why a request is refused; code and text are the reference server's, and clients know them.
enum EngineError: Error, Equatable {
    case unknownTransport
    case unknownSession
    case badHandshakeMethod
    case badRequest
    case forbidden(String)
    case unsupportedProtocolVersion
    case draining
    case tooManySessions

    var status: HTTPResponseStatus {
        switch self {
        case .forbidden: .forbidden
        case .draining: .serviceUnavailable
        case .tooManySessions: .tooManyRequests
        case .unknownTransport, .unknownSession, .badHandshakeMethod, .badRequest, .unsupportedProtocolVersion:
            .badRequest
        }
    }

    private var code: Int {
        switch self {
        case .unknownTransport: 0
        case .unknownSession: 1
        case .badHandshakeMethod: 2
        case .badRequest, .draining: 3
        case .forbidden, .tooManySessions: 4
        case .unsupportedProtocolVersion: 5
        }
    }

    private var message: String {
        switch self {
        case .unknownTransport: "Transport unknown"
        case .unknownSession: "Session ID unknown"
        case .badHandshakeMethod: "Bad handshake method"
        case .badRequest: "Bad request"
        case .forbidden(let text): text
        case .unsupportedProtocolVersion: "Unsupported protocol version"
        case .draining: "Server is going away"
        case .tooManySessions: "Too many sessions"
        }
    }

    /// `{"code":1,"message":"Session ID unknown"}`
    var body: String {
        "{\"code\":\(code),\"message\":\"\(JSONText.escape(message))\"}"
    }
}

/// Writes text into JSON.
enum JSONText {
    /// The characters of a JSON string, without its quotes (RFC 8259, section 7).
    static func escape(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\u{0}"..<"\u{20}":
                let hex = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
