public import NIOCore

/// JSON text together with the binary attachments that its placeholders (`{"_placeholder":true,"num":0}`) refer to.
///
/// For an event the text is the whole array `["name",arg,…]`; for an acknowledgement passed between servers it is one
/// value. The text is passed on byte for byte, so what a client sent is what another client receives.
public struct Payload: Sendable, Hashable {
    /// Valid JSON, UTF-8.
    public var json: ByteBuffer
    /// In the order of their placeholders' `num`.
    public var attachments: [ByteBuffer]

    /// Takes text that is already known to be valid JSON.
    public init(json: ByteBuffer, attachments: [ByteBuffer] = []) {
        self.json = json
        self.attachments = attachments
    }

    /// An event with one argument, which is JSON already.
    public init(event: String, argument: ByteBuffer) {
        var json = ByteBuffer(string: "[")
        json.writeImmutableBuffer(PayloadCoding.text(event))
        json.writeString(",")
        json.writeImmutableBuffer(argument)
        json.writeString("]")
        self.init(json: json)
    }

    /// The first element of a payload that is an array: what one argument of an acknowledgement is to other servers.
    var firstElement: Payload {
        let range = json.withUnsafeReadableBytes { bytes -> Range<Int>? in
            var scanner = JSONScanner(bytes)
            guard (try? scanner.next()) == .beginArray else { return nil }
            return try? scanner.skipValue()
        }
        guard let range, let element = json.getSlice(at: json.readerIndex + range.lowerBound, length: range.count)
        else {
            return Payload(json: ByteBuffer(string: "null"))
        }
        return Payload(json: element, attachments: attachments)
    }
}
