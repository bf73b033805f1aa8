internal import NIOCore
internal import SocketIO

/// Writes MessagePack as JSON text, as `JSON.stringify` would, with each binary as a placeholder and an attachment.
struct MessagePackToJSON {
    private var json = ByteBuffer()
    private var attachments: [ByteBuffer] = []
    /// Plain data that looks like a placeholder. Beside real ones it would point a client at a wrong attachment.
    private var hasImitation = false
    private let message: ByteBuffer

    /// Reads the value that comes next in `reader`, whose bytes are the readable bytes of `message`.
    ///
    /// Attachments share the message's memory.
    static func payload(
        _ reader: inout MessagePackReader,
        of message: ByteBuffer
    ) throws(CodecError) -> Payload {
        var transcoder = MessagePackToJSON(message: message)
        transcoder.json.reserveCapacity(message.readableBytes + message.readableBytes / 4)
        try transcoder.write(try reader.next(), &reader, depth: 0)
        if transcoder.hasImitation, !transcoder.attachments.isEmpty { throw .placeholder }
        return Payload(json: transcoder.json, attachments: transcoder.attachments)
    }

    private init(message: ByteBuffer) { self.message = message }

    private mutating func write(
        _ token: MessagePackReader.Token,
        _ reader: inout MessagePackReader,
        depth: Int
    ) throws(CodecError) {
        switch token {
        case .null, .undefined: json.writeStaticString("null")
        case .bool(let value): json.writeStaticString(value ? "true" : "false")
        case .integer(let value): json.writeJSONNumber(value)
        case .unsigned(let value): json.writeJSONNumber(Double(value))
        case .double(let value): json.writeJSONNumber(value)
        case .string(let range): try writeString(range, reader)
        case .binary(let range): try writeBinary(range)
        case .date(let milliseconds): json.writeJSONDate(milliseconds: milliseconds)
        case .array(let count): try writeArray(count, &reader, depth: depth)
        case .map(let count): try writeMap(count, &reader, depth: depth)
        case .other: throw .malformed
        }
        guard json.readableBytes <= WireLimits.jsonBytesMax else { throw .tooLarge }
    }

    private mutating func writeArray(
        _ count: Int,
        _ reader: inout MessagePackReader,
        depth: Int
    ) throws(CodecError) {
        guard depth < JSONScanner.depthMax else { throw .tooDeep }
        json.writeInteger(UInt8(ascii: "["))
        for index in 0..<count {
            if index > 0 { json.writeInteger(UInt8(ascii: ",")) }
            try write(try reader.next(), &reader, depth: depth + 1)
        }
        json.writeInteger(UInt8(ascii: "]"))
    }

    private mutating func writeMap(
        _ count: Int,
        _ reader: inout MessagePackReader,
        depth: Int
    ) throws(CodecError) {
        guard depth < JSONScanner.depthMax else { throw .tooDeep }
        json.writeInteger(UInt8(ascii: "{"))
        var isFirst = true
        for _ in 0..<count {
            guard case .string(let key) = try reader.next() else { throw .malformed }
            let value = try reader.next()
            // As in JavaScript: an undefined member is no member.
            if value == .undefined { continue }
            if !isFirst { json.writeInteger(UInt8(ascii: ",")) }
            isFirst = false
            if reader.bytes[key].elementsEqual("_placeholder".utf8) { hasImitation = true }
            try writeString(key, reader)
            json.writeInteger(UInt8(ascii: ":"))
            try write(value, &reader, depth: depth + 1)
        }
        json.writeInteger(UInt8(ascii: "}"))
    }

    private mutating func writeString(_ range: Range<Int>, _ reader: MessagePackReader) throws(CodecError) {
        let bytes = UnsafeRawBufferPointer(rebasing: reader.bytes[range])
        guard UTF8Check.isValid(bytes) else { throw .notUTF8 }
        json.writeJSONString(utf8: bytes)
    }

    private mutating func writeBinary(_ range: Range<Int>) throws(CodecError) {
        guard attachments.count < WireLimits.attachmentsMax else { throw .tooLarge }
        guard let bytes = message.getSlice(at: message.readerIndex + range.lowerBound, length: range.count) else {
            throw .truncated
        }
        json.writeStaticString("{\"_placeholder\":true,\"num\":")
        json.writeString(String(attachments.count))
        json.writeStaticString("}")
        attachments.append(bytes)
    }
}
