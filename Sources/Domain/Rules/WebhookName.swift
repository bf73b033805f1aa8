/// What a webhook is called by those who look after it: 1 to 64 of `a-z 0-9 _ -`. Upper case is folded.
package struct WebhookName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Throws `invalid`, field `name`.
    package init(_ text: String) throws {
        let folded = text.lowercased()
        guard (1...64).contains(folded.utf8.count), folded.utf8.allSatisfy(\.isNameLetter) else {
            throw ChatError.invalid(
                field: "name",
                message: "A webhook's name has 1 to 64 characters of a-z, 0-9, hyphen and underscore."
            )
        }
        description = folded
    }

    /// For one that nobody named: easy to type.
    package static func random() -> String {
        "w-" + String((0..<6).map { _ in "bcdfghjkmnpqrstvwxz23456789".randomElement()! })
    }
}
