/// One emoji: a single character of at most 32 bytes that is shown as a picture.
package struct Emoji: Hashable, Sendable, CustomStringConvertible {
    package static let bytesMax = 32

    package let description: String

    /// Throws `invalid`, field `emoji`.
    package init(_ text: String) throws {
        guard (1...Self.bytesMax).contains(text.utf8.count), text.count == 1,
            text.unicodeScalars.first!.startsEmoji(in: text)
        else {
            throw ChatError.invalid(field: "emoji", message: "A reaction is one emoji.")
        }
        description = text
    }
}

extension Unicode.Scalar {
    /// Digits, `#` and `*` have the property Emoji because they begin keycaps; only with the keycap they are one.
    fileprivate func startsEmoji(in text: String) -> Bool {
        guard properties.isEmoji else { return false }
        return !isASCII || text.unicodeScalars.last!.value == 0x20E3
    }
}
