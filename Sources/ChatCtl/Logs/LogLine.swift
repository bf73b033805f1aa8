import Foundation

/// One line of a log file, with what is known of it.
struct LogLine: Sendable, Equatable {
    /// Nil for a line that belongs to the one before it, as in a stack trace.
    var at: Date?
    /// Where it comes from: `i-2`, `postgres`.
    var source: String
    var level: String?
    var text: String

    static let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]

    /// Reads the forms of the instances (`2026-03-01T09:30:00+0000 info …`), the supervisor (`2026-03-01T09:30:00.125Z …`)
    /// and PostgreSQL (`2026-03-01 09:30:00.125 UTC [1] LOG: …`).
    init(_ text: String, from source: String) {
        self.source = source
        self.text = text
        at = Self.time(text)
        level = Self.level(text)
    }

    /// Whether the line is at least as severe. Lines without a level are kept.
    func isAtLeast(_ level: String) -> Bool {
        guard let own = self.level.flatMap(Self.levels.firstIndex(of:)), let wanted = Self.levels.firstIndex(of: level)
        else { return true }
        return own >= wanted
    }

    private static func time(_ text: String) -> Date? {
        let words = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
        guard let first = words.first, first.count >= 10, first.first?.isNumber == true else { return nil }
        if first.contains("T") {
            var stamp = String(first)
            if stamp.hasSuffix("+0000") { stamp = stamp.dropLast(5) + "Z" }
            let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return (try? withFraction.parse(stamp)) ?? (try? Date.ISO8601FormatStyle().parse(stamp))
        }
        guard words.count > 2, words[2] == "UTC" || words[2] == "GMT" else { return nil }
        return try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse("\(first)T\(words[1])Z")
    }

    private static func level(_ text: String) -> String? {
        for word in text.split(separator: " ", maxSplits: 6).prefix(6) {
            if levels.contains(String(word)) { return String(word) }
            switch word {
            case "LOG:", "STATEMENT:", "DETAIL:", "HINT:": return "info"
            case "WARNING:": return "warning"
            case "ERROR:": return "error"
            case "FATAL:", "PANIC:": return "critical"
            default: continue
            }
        }
        return nil
    }
}
