import Foundation
package import NIOCore

/// The text of an event, `["name",arg,…]`, cut where its arguments begin. Nothing of it is copied.
package struct EventText: Sendable {
    /// The event's name.
    package let name: String
    /// The whole array.
    package let json: ByteBuffer
    /// Where the arguments stand in the array's text: `arg,…` without brackets. Empty when there are none.
    private let argumentsRange: Range<Int>

    /// Nil when the text is not an array that begins with a string.
    package init?(_ json: ByteBuffer) {
        let parts = json.withUnsafeReadableBytes { bytes -> (Range<Int>, Bool, Range<Int>)? in
            var scanner = JSONScanner(bytes)
            guard (try? scanner.next()) == .beginArray, case .string(let name, let escaped)? = try? scanner.next()
            else {
                return nil
            }
            // From behind the name to the closing bracket: either only space, or a comma and the arguments.
            var start = scanner.offset
            var end = bytes.count
            while end > start, bytes[end - 1] != UInt8(ascii: "]") { end -= 1 }
            end -= 1
            while start < end, bytes[start] != UInt8(ascii: ",") { start += 1 }
            return (name, escaped, start < end ? start + 1..<end : end..<end)
        }
        guard let (name, escaped, arguments) = parts else { return nil }
        let text = json.getString(at: json.readerIndex + name.lowerBound, length: name.count) ?? ""
        guard let name = escaped ? Self.unescape(text) : text else { return nil }
        self.name = name
        self.json = json
        argumentsRange = arguments
    }

    /// The text of all arguments as an array.
    package var argumentsArray: ByteBuffer {
        var array = ByteBuffer()
        array.reserveCapacity(argumentsRange.count + 2)
        array.writeInteger(UInt8(ascii: "["))
        if let arguments = json.getSlice(at: json.readerIndex + argumentsRange.lowerBound, length: argumentsRange.count)
        {
            array.writeImmutableBuffer(arguments)
        }
        array.writeInteger(UInt8(ascii: "]"))
        return array
    }

    /// The text of one argument; nil when there are fewer.
    package func argument(_ index: Int) -> ByteBuffer? {
        let range = json.withUnsafeReadableBytes { bytes -> Range<Int>? in
            var scanner = JSONScanner(bytes)
            guard (try? scanner.next()) == .beginArray else { return nil }
            for _ in 0...index { guard (try? scanner.skipValue()) != nil else { return nil } }
            return try? scanner.skipValue()
        }
        return range.flatMap { json.getSlice(at: json.readerIndex + $0.lowerBound, length: $0.count) }
    }

    /// The text of a JSON string whose escapes are resolved; nil when it is no text, as half a surrogate pair.
    static func unescape(_ text: String) -> String? {
        try? JSONDecoder().decode([String].self, from: Data("[\"\(text)\"]".utf8)).first
    }
}
