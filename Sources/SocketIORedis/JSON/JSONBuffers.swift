internal import NIOCore
internal import SocketIO

/// Puts attachments into JSON text as `JSON.stringify` writes a Node `Buffer`: `{"type":"Buffer","data":[1,2]}`.
///
/// Server-side events and their answers travel as JSON only, and that is what Node makes of binary there.
enum JSONBuffers {
    static func text(_ payload: Payload) throws -> ByteBuffer {
        if payload.attachments.isEmpty { return payload.json }
        return try payload.json.withUnsafeReadableBytes { text in
            var result = ByteBuffer()
            var copied = 0
            var scanner = JSONScanner(text)
            while let token = try scanner.next() {
                guard token == .beginObject else { continue }
                let start = scanner.offset - 1
                guard let index = try JSONPlaceholder.read(&scanner, text) else { continue }
                guard payload.attachments.indices.contains(index) else { throw CodecError.placeholder }
                result.writeBytes(UnsafeRawBufferPointer(rebasing: text[copied..<start]))
                write(payload.attachments[index], to: &result)
                copied = scanner.offset
            }
            result.writeBytes(UnsafeRawBufferPointer(rebasing: text[copied...]))
            return result
        }
    }

    private static func write(_ bytes: ByteBuffer, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"type\":\"Buffer\",\"data\":[")
        buffer.writeString(bytes.readableBytesView.map { String($0) }.joined(separator: ","))
        buffer.writeStaticString("]}")
    }
}

/// `{"_placeholder":true,"num":0}`, which stands in JSON for an attachment.
enum JSONPlaceholder {
    /// Reads the rest of a placeholder behind its opening brace and returns the attachment's index, or leaves the
    /// scanner where it is and returns nil.
    static func read(_ scanner: inout JSONScanner, _ text: UnsafeRawBufferPointer) throws -> Int? {
        var ahead = scanner
        guard
            case .key(let marker, escaped: false) = try ahead.next(), text[marker].elementsEqual("_placeholder".utf8),
            case .bool(true) = try ahead.next(),
            case .key(let name, escaped: false) = try ahead.next(), text[name].elementsEqual("num".utf8),
            case .number(let range) = try ahead.next(), try ahead.next() == .endObject
        else { return nil }
        guard let index = Int(String(decoding: text[range], as: UTF8.self)) else { throw CodecError.placeholder }
        scanner = ahead
        return index
    }
}
