/// What a token is for, in its owner's words: 1 to 64 characters, no control characters.
package struct TokenName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `name`.
    package init(_ text: String) throws {
        guard let line = text.line(of: 1...64) else {
            throw ChatError.invalid(
                field: "name",
                message: "A token's name has 1 to 64 characters and no control characters."
            )
        }
        description = line
    }
}

/// Why somebody is banned: at most 250 characters, one line.
package struct BanReason: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `reason`.
    package init(_ text: String) throws {
        guard let line = text.line(of: 0...250) else {
            throw ChatError.invalid(
                field: "reason",
                message: "A reason has at most 250 characters and no control characters."
            )
        }
        description = line
    }
}
