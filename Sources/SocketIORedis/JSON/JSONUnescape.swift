internal import NIOCore

/// Undoes the escapes of a JSON string that the scanner has accepted.
enum JSONUnescape {
    /// Appends the string's UTF-8 to `buffer`. A surrogate without its partner becomes U+FFFD, since UTF-8 cannot
    /// hold it.
    static func append(_ text: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            guard byte == UInt8(ascii: "\\") else {
                buffer.writeInteger(byte)
                index += 1
                continue
            }
            let kind = text[index + 1]
            index += 2
            switch kind {
            case UInt8(ascii: "b"): buffer.writeInteger(0x08 as UInt8)
            case UInt8(ascii: "f"): buffer.writeInteger(0x0c as UInt8)
            case UInt8(ascii: "n"): buffer.writeInteger(0x0a as UInt8)
            case UInt8(ascii: "r"): buffer.writeInteger(0x0d as UInt8)
            case UInt8(ascii: "t"): buffer.writeInteger(0x09 as UInt8)
            case UInt8(ascii: "u"): buffer.writeBytes(Unicode.UTF8.encode(scalar(text, &index))!)
            default: buffer.writeInteger(kind)
            }
        }
    }

    static func string(_ text: UnsafeRawBufferPointer, escaped: Bool) throws(CodecError) -> String {
        var bytes = ByteBuffer()
        if escaped { append(text, to: &bytes) }
        let string =
            escaped
            ? String(validating: bytes.readableBytesView, as: UTF8.self) : String(validating: text, as: UTF8.self)
        guard let string else { throw .notUTF8 }
        return string
    }

    /// Reads four digits, and the second half of a surrogate pair when it is there.
    private static func scalar(_ text: UnsafeRawBufferPointer, _ index: inout Int) -> Unicode.Scalar {
        let first = unit(text, index)
        index += 4
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard
            (0xd800..<0xdc00).contains(first), index + 6 <= text.count, text[index] == UInt8(ascii: "\\"),
            text[index + 1] == UInt8(ascii: "u")
        else { return "\u{fffd}" }
        let second = unit(text, index + 2)
        guard (0xdc00..<0xe000).contains(second) else { return "\u{fffd}" }
        index += 6
        return Unicode.Scalar(0x1_0000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)) ?? "\u{fffd}"
    }

    private static func unit(_ text: UnsafeRawBufferPointer, _ index: Int) -> UInt16 {
        text[index..<index + 4].reduce(0) { value, byte in
            value << 4 | UInt16(byte <= UInt8(ascii: "9") ? byte & 0x0f : (byte | 0x20) - UInt8(ascii: "a") + 10)
        }
    }
}
