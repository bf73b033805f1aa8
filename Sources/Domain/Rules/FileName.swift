/// What a file is called where it is shown or saved: no folders, nothing that cannot be seen, and an ending that says
/// what it is, so that nobody saves an image as a page or a program.
package struct FileName: Hashable, Sendable, Codable, CustomStringConvertible {
    package static let charactersMax = 100

    package let description: String

    /// Makes a name of any text.
    package init(_ text: String, of mediaType: ImageHeader.MediaType) {
        // As scalars: a slash with an accent on it is another character, and still a slash to whoever saves the file.
        let last = text.unicodeScalars.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? "".unicodeScalars[...]
        let seen = String(String.UnicodeScalarView(last.filter(Self.isSeen)))
        let name = seen.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let ending = name.lastIndex(of: ".").map { name[$0...].dropFirst().lowercased() } ?? ""
        let kept = mediaType.endings.contains(ending) ? stem : name
        // One character can be any number of scalars, so both are bounded.
        let short = String(kept.unicodeScalars.prefix(Self.charactersMax * 2)).prefix(Self.charactersMax)
        let trimmed = short.drop { $0 == "." || $0 == " " }
        description =
            "\(trimmed.isEmpty ? "image" : trimmed).\(mediaType.endings.contains(ending) ? ending : mediaType.endings[0])"
    }

    /// Control characters, and those that turn the direction of what stands around them or are not shown.
    private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    package init(from decoder: any Decoder) throws {
        description = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
