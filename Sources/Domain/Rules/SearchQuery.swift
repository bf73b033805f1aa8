#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// What somebody looks for: words and "phrases", and where to look with `from:alice`, `in:general`,
/// `before:2026-01-31` and `after:2026-01-01`. Days are those of UTC, and the day that is named is left out.
package struct SearchQuery: Hashable, Sendable {
    package static let bytesMax = 512

    /// Words and quoted phrases; empty when only filters were given. All of them have to be found.
    package private(set) var text = ""
    package private(set) var author: UserName?
    package private(set) var roomName: RoomName?
    /// Sent before this moment.
    package private(set) var before: Date?
    /// Sent at this moment or later.
    package private(set) var after: Date?

    /// Throws `tooLarge` or `invalid`, field `query`.
    package init(_ query: String) throws {
        guard query.utf8.count <= Self.bytesMax else {
            throw ChatError.tooLarge(field: "query", message: "A search has at most \(Self.bytesMax) bytes.")
        }
        guard !query.utf8.contains(0) else { throw Self.invalid("A search cannot hold the character NUL.") }
        var words: [Substring] = []
        for word in Self.split(query) {
            if try !take(word) { words.append(word) }
        }
        text = words.joined(separator: " ")
        guard !text.isEmpty || self != .nothing else { throw Self.invalid("Write what to look for.") }
    }

    private init() {}

    private static let nothing = SearchQuery()

    /// True when the word is a filter.
    private mutating func take(_ word: Substring) throws -> Bool {
        guard let colon = word.firstIndex(of: ":"), !word.hasPrefix("\"") else { return false }
        let value = String(word[word.index(after: colon)...])
        switch word[..<colon].lowercased() {
        case "from": author = try UserName(value.hasPrefix("@") ? String(value.dropFirst()) : value)
        case "in": roomName = try RoomName(value)
        case "before": before = try Self.day(value)
        case "after": after = try Self.day(value).addingTimeInterval(86_400)
        default: return false
        }
        return true
    }

    private static func day(_ text: String) throws -> Date {
        guard text.utf8.count == 10, let day = try? Date(text + "T00:00:00Z", strategy: .iso8601) else {
            throw invalid("A day is written as 2026-01-31.")
        }
        return day
    }

    /// Cuts at blanks outside of quotation marks. One that is never closed is a blank.
    private static func split(_ query: String) -> [Substring] {
        var parts: [Substring] = []
        var rest = query[...]
        while let start = rest.firstIndex(where: { !$0.isWhitespace }) {
            rest = rest[start...]
            if rest.first == "\"" {
                let inner = rest.dropFirst()
                guard let end = inner.firstIndex(of: "\"") else {
                    rest = inner
                    continue
                }
                parts.append(rest[...end])
                rest = rest[rest.index(after: end)...]
            } else {
                let word = rest.prefix { !$0.isWhitespace && $0 != "\"" }
                parts.append(word)
                rest = rest.dropFirst(word.count)
            }
        }
        return parts
    }

    private static func invalid(_ message: String) -> ChatError { .invalid(field: "query", message: message) }
}
