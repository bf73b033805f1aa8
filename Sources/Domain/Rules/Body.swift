/// The text of a message: 1 to 8,192 bytes of UTF-8 that is not only white space. Kept as it was written. What carries
/// images may go without a text.
package struct Body: Hashable, Sendable, CustomStringConvertible {
    package static let bytesMax = 8_192

    package let description: String

    /// Throws `tooLarge` or `invalid`, field `body`.
    package init(_ text: String, mayBeEmpty: Bool = false) throws {
        guard text.utf8.count <= Self.bytesMax else {
            throw ChatError.tooLarge(field: "body", message: "A message has at most \(Self.bytesMax) bytes.")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            guard mayBeEmpty else { throw Self.emptiness }
            description = ""
            return
        }
        // PostgreSQL's text cannot hold it, and nobody types it.
        guard !text.utf8.contains(0) else {
            throw ChatError.invalid(field: "body", message: "A message cannot hold the character NUL.")
        }
        description = text
    }

    package var isEmpty: Bool { description.isEmpty }

    /// What a message without a text and without images is refused with.
    package static let emptiness = ChatError.invalid(field: "body", message: "A message cannot be empty.")
}

/// The idempotency key of a send: 1 to 64 of `A-Z a-z 0-9 _ -`. A browser sends a UUID.
package struct ClientID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `client_id`.
    package init(_ text: String) throws {
        let valid = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard valid, (1...64).contains(text.utf8.count) else {
            throw ChatError.invalid(
                field: "client_id",
                message: "A client id has 1 to 64 characters of A-Z, a-z, 0-9, hyphen and underscore."
            )
        }
        description = text
    }
}

/// A password that may be set: 8 to 256 bytes. Never shown, never logged.
package struct Password: Sendable, CustomStringConvertible, CustomReflectable {
    package static let bytesMax = 256
    package static let bytesMin = 8

    /// The secret itself.
    package let secret: String

    /// Throws `invalid`, field `password`.
    package init(_ text: String) throws {
        guard (Self.bytesMin...Self.bytesMax).contains(text.utf8.count) else {
            throw ChatError.invalid(
                field: "password",
                message: "A password has \(Self.bytesMin) to \(Self.bytesMax) bytes."
            )
        }
        secret = text
    }

    package var description: String { "(password)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
