extension Body {
    /// One message calls at most this many people.
    package static let mentionsMax = 50

    /// The names that stand after an `@`, each once, in order. They need not be anybody's.
    ///
    /// `@` counts at the start or after something that cannot be part of a name or an address, so that `a@b.org` calls
    /// nobody; full stops and hyphens at the end are punctuation.
    package var mentions: [UserName] {
        guard description.utf8.contains(UInt8(ascii: "@")) else { return [] }
        var names: [UserName] = []
        var previous: Character = " "
        var rest = description[...]
        while let character = rest.popFirst(), names.count < Self.mentionsMax {
            defer { previous = character }
            guard character == "@", !previous.isPartOfName else { continue }
            var name = rest.prefix(while: \.isPartOfName)
            rest = rest.dropFirst(name.count)
            while let last = name.last, last == "." || last == "-" { name.removeLast() }
            if let name = try? UserName(String(name)), !names.contains(name) { names.append(name) }
        }
        return names
    }
}

extension Character {
    fileprivate var isPartOfName: Bool {
        isASCII && (isLetter || isNumber) || self == "_" || self == "." || self == "-"
    }
}
