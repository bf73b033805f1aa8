public import NIOCore
public import NIOHTTP1
import struct Foundation.Date

/// The request that opened a session, as applications look at it.
///
/// It is kept as long as the session, so it is kept small: as one text, which is read when it is asked for.
public struct EngineRequest: Sendable {
    private let content: Content

    private final class Content: Sendable {
        let uri: String
        /// `name:value` lines; neither can hold a line feed.
        let headers: String
        let remoteAddress: SocketAddress?
        let issued: Double

        init(_ exchange: HTTPExchange) {
            uri = exchange.head.uri
            headers = exchange.head.headers.reduce(into: "") { $0 += "\($1.name):\($1.value)\n" }
            remoteAddress = exchange.remoteAddress
            issued = Date().timeIntervalSince1970
        }
    }

    init(_ exchange: HTTPExchange) {
        content = Content(exchange)
    }

    /// Path and query as they came.
    public var uri: String { content.uri }
    /// The query's parameters, decoded.
    public var query: Query { Query(uri: content.uri) }
    /// Where the connection comes from.
    public var remoteAddress: SocketAddress? { content.remoteAddress }
    /// Seconds since 1970.
    public var issued: Double { content.issued }

    /// All headers.
    public var headers: HTTPHeaders {
        HTTPHeaders(
            content.headers.utf8.split(separator: UInt8(ascii: "\n")).map { line in
                let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
                return (String(line[..<colon]) ?? "", String(line[colon...].dropFirst()) ?? "")
            }
        )
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
