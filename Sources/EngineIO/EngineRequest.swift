public import NIOCore
public import NIOHTTP1
import struct Foundation.Date

/// The request that opened a session, as applications look at it.
public struct EngineRequest: Sendable {
    /// Path and query as they came.
    public let uri: String
    /// The query's parameters, decoded.
    public let query: Query
    /// All headers.
    public let headers: HTTPHeaders
    /// Where the connection comes from.
    public let remoteAddress: SocketAddress?
    /// Seconds since 1970.
    public let issued: Double

    init(_ exchange: HTTPExchange) {
        uri = exchange.head.uri
        query = Query(uri: exchange.head.uri)
        headers = exchange.head.headers
        remoteAddress = exchange.remoteAddress
        issued = Date().timeIntervalSince1970
    }
}

/// The parameters of a URI's query, in their order.
public struct Query: Sendable, Hashable {
    /// Names and values, percent-decoded; a parameter without `=` has an empty value.
    public let items: [Item]

    /// One parameter.
    public struct Item: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value.
        public let value: String
    }

    /// Reads what follows the first `?`.
    public init(uri: String) {
        guard let mark = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else {
            items = []
            return
        }
        items = uri[uri.utf8.index(after: mark)...].split(separator: "&").map { part in
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return Item(name: Self.decode(halves[0]), value: halves.count > 1 ? Self.decode(halves[1]) : "")
        }
    }

    /// The value of the first parameter with this name.
    public subscript(name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// Percent-decoding as in a form: `+` is a space; a broken escape stays as it is.
    private static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                if let high = rest.first?.hexDigit, let low = rest.dropFirst().first?.hexDigit {
                    bytes.append(high << 4 | low)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default:
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// The value of an ASCII hexadecimal digit.
    fileprivate var hexDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
