/// A login name: 1 to 32 of `a-z 0-9 _ . -`. Upper case is folded, so that `Alice` finds `alice`.
package struct UserName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `name`.
    package init(_ text: String) throws {
        let folded = text.lowercased()
        guard (1...32).contains(folded.utf8.count),
            folded.utf8.allSatisfy({ $0.isNameLetter || $0 == UInt8(ascii: ".") })
        else {
            throw ChatError.invalid(
                field: "name",
                message: "A name has 1 to 32 characters of a-z, 0-9, dot, hyphen and underscore."
            )
        }
        description = folded
    }
}

/// The name of a public or private room: 1 to 64 of `a-z 0-9 _ -`. Upper case is folded, a leading `#` is dropped.
package struct RoomName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `name`.
    package init(_ text: String) throws {
        let folded = (text.hasPrefix("#") ? String(text.dropFirst()) : text).lowercased()
        guard (1...64).contains(folded.utf8.count), folded.utf8.allSatisfy(\.isNameLetter) else {
            throw ChatError.invalid(
                field: "name",
                message: "A room name has 1 to 64 characters of a-z, 0-9, hyphen and underscore."
            )
        }
        description = folded
    }
}

/// How a person is shown: 1 to 64 characters, no control characters, no blanks around it.
package struct DisplayName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `display_name`.
    package init(_ text: String) throws {
        guard let line = text.line(of: 1...64) else {
            throw ChatError.invalid(
                field: "display_name",
                message: "A display name has 1 to 64 characters and no control characters."
            )
        }
        description = line
    }
}

/// What a room is about: at most 250 characters, one line.
package struct Topic: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `topic`.
    package init(_ text: String) throws {
        guard let line = text.line(of: 0...250) else {
            throw ChatError.invalid(
                field: "topic",
                message: "A topic has at most 250 characters and no control characters."
            )
        }
        description = line
    }
}

extension UInt8 {
    var isNameLetter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension Unicode.Scalar {
    /// Control characters, line and paragraph separators, and the invisible ones that turn the direction of text.
    package var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value)
        }
    }
}

extension String {
    /// The text as one line without blanks around it; nil when it does not have that many characters or holds control
    /// characters.
    func line(of lengths: ClosedRange<Int>) -> String? {
        let trimmed = trimmingBlanks
        // Scalars are bounded too: one "character" can be a letter under hundreds of accents.
        guard lengths.contains(trimmed.count), trimmed.unicodeScalars.count <= 4 * lengths.upperBound,
            !trimmed.unicodeScalars.contains(where: \.isControl)
        else { return nil }
        return trimmed
    }

    /// The text without white space at both ends.
    var trimmingBlanks: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
