internal import NIOCore
internal import SocketIO

/// Writes JSON text as MessagePack in one pass, with each attachment in the place of its placeholder.
struct JSONToMessagePack {
    private var scanner: JSONScanner
    private let text: UnsafeRawBufferPointer
    private let attachments: [ByteBuffer]

    /// Appends the value of `payload` to `buffer`.
    ///
    /// - Throws: `CodecError`, or `JSONScanner.Malformed`.
    static func append(_ payload: Payload, to buffer: inout ByteBuffer) throws {
        try payload.json.withUnsafeReadableBytes { text in
            var transcoder = JSONToMessagePack(
                scanner: JSONScanner(text),
                text: text,
                attachments: payload.attachments
            )
            guard let first = try transcoder.scanner.next() else { throw CodecError.malformed }
            try transcoder.write(first, to: &buffer)
        }
    }

    private mutating func write(_ token: JSONScanner.Token, to buffer: inout ByteBuffer) throws {
        switch token {
        case .null: buffer.writeMessagePackNull()
        case .bool(let value): buffer.writeMessagePack(value)
        case .number(let range): writeNumber(range, to: &buffer)
        case .string(let range, let escaped), .key(let range, let escaped):
            writeString(range, escaped: escaped, to: &buffer)
        case .beginArray: try writeArray(to: &buffer)
        case .beginObject: try writeObject(to: &buffer)
        case .endArray, .endObject: throw CodecError.malformed
        }
    }

    // The scanner refuses depth, so the recursion of these two is bounded.
    private mutating func writeArray(to buffer: inout ByteBuffer) throws {
        try buffer.writeMessagePack(.array) { buffer in
            var count = 0
            while let token = try scanner.next(), token != .endArray {
                try write(token, to: &buffer)
                count += 1
            }
            return count
        }
    }

    private mutating func writeObject(to buffer: inout ByteBuffer) throws {
        if !attachments.isEmpty, let attachment = try placeholder() {
            buffer.writeMessagePack(binary: attachment)
            return
        }
        try buffer.writeMessagePack(.map) { buffer in
            var count = 0
            while let token = try scanner.next(), token != .endObject {
                // Keys and values alternate; the scanner has seen to that.
                try write(token, to: &buffer)
                if case .key = token {} else { count += 1 }
            }
            return count
        }
    }

    private mutating func placeholder() throws -> ByteBuffer? {
        guard let index = try JSONPlaceholder.read(&scanner, text) else { return nil }
        guard attachments.indices.contains(index) else { throw CodecError.placeholder }
        return attachments[index]
    }

    private func writeString(_ range: Range<Int>, escaped: Bool, to buffer: inout ByteBuffer) {
        let bytes = UnsafeRawBufferPointer(rebasing: text[range])
        guard escaped else { return buffer.writeMessagePack(utf8: bytes) }
        var unescaped = ByteBuffer()
        JSONUnescape.append(bytes, to: &unescaped)
        unescaped.withUnsafeReadableBytes { buffer.writeMessagePack(utf8: $0) }
    }

    /// JavaScript has one type of number, so `1.0` and `1e3` are integers too. Beyond 2^53 a double holds it better.
    private func writeNumber(_ range: Range<Int>, to buffer: inout ByteBuffer) {
        if let integer = integer(range) { return buffer.writeMessagePack(integer) }
        let value = Double(String(decoding: text[range], as: UTF8.self)) ?? .nan
        if value.magnitude <= 0x1p53, let integer = Int64(exactly: value) { return buffer.writeMessagePack(integer) }
        buffer.writeMessagePack(value)
    }

    /// The value of up to 15 digits with or without a sign, which is nearly every number there is.
    private func integer(_ range: Range<Int>) -> Int64? {
        guard range.count <= 15 else { return nil }
        var value: Int64 = 0
        var digits = text[range]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits = digits.dropFirst() }
        for byte in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return negative ? -value : value
    }
}
