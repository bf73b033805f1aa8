public import Foundation
import NIOConcurrencyHelpers
import NIOCore

/// Turns typed values into payloads and back.
enum PayloadCoding {
    static let attachments = CodingUserInfoKey(rawValue: "socket.io attachments")!

    /// Gathers the attachments of one payload while it is encoded.
    final class Collector: Sendable {
        private let collected = NIOLockedValueBox<[ByteBuffer]>([])

        var attachments: [ByteBuffer] { collected.withLockedValue { $0 } }

        /// Returns the attachment's number.
        func add(_ bytes: ByteBuffer) -> Int {
            collected.withLockedValue {
                $0.append(bytes)
                return $0.count - 1
            }
        }
    }

    /// `["name",item,…]`, or `[item,…]` without a name.
    static func array<each Item: Encodable>(_ name: String?, _ items: repeat each Item) throws -> Payload {
        let collector = Collector()
        let encoder = encoder(collector)
        var json = ByteBuffer()
        json.writeInteger(UInt8(ascii: "["))
        if let name { json.writeBytes(try encoder.encode(name)) }
        for item in repeat each items {
            if json.readableBytes > 1 { json.writeInteger(UInt8(ascii: ",")) }
            json.writeBytes(try encoder.encode(item))
        }
        json.writeInteger(UInt8(ascii: "]"))
        return Payload(json: json, attachments: collector.attachments)
    }

    /// A value that has no place for attachments.
    static func json(_ value: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try encoder(nil).encode(value))
    }

    static func value(_ value: some Encodable) throws -> Payload {
        let collector = Collector()
        let json = ByteBuffer(bytes: try encoder(collector).encode(value))
        return Payload(json: json, attachments: collector.attachments)
    }

    /// A text in its quotes.
    static func text(_ text: String) -> ByteBuffer {
        // A text always encodes.
        (try? value(text).json) ?? ByteBuffer(string: "\"\"")
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom(WireDate.decode)
        decoder.userInfo[attachments] = payload.attachments
        return try decoder.decode(type, from: Data(payload.json.readableBytesView))
    }

    private static func encoder(_ collector: Collector?) -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        encoder.dateEncodingStrategy = .custom(WireDate.encode)
        encoder.userInfo[attachments] = collector
        return encoder
    }
}

/// Times on the wire: RFC 3339 in UTC with milliseconds, as JavaScript's `toISOString` writes them.
public enum WireDate {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// `2026-11-23T12:00:00.000Z`
    public static func format(_ date: Date) -> String { date.formatted(style) }

    static func encode(_ date: Date, to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(format(date))
    }

    static func decode(from decoder: any Decoder) throws -> Date {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let date = try? Date(text, strategy: style) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time in RFC 3339")
        }
        return date
    }
}
