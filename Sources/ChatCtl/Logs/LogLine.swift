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

    /// Reads the forms of the instances (`2026-03-01T09:30:00+0000 info …`), the supervisor (`2026-03-01T09:30:00.125Z …`),
    /// PostgreSQL (`2026-03-01 09:30:00.125 UTC [1] LOG: …`) and Redis (`1:M 01 Mar 2026 09:30:00.125 * …`).
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
        guard let first = words.first, first.first?.isNumber == true else { return nil }
        if let stamp = redisStamp(text) { return stamp }
        guard first.count >= 10 else { return nil }
        if first.contains("T") {
            var stamp = String(first)
            if stamp.hasSuffix("+0000") { stamp = stamp.dropLast(5) + "Z" }
            let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            return (try? withFraction.parse(stamp)) ?? (try? Date.ISO8601FormatStyle().parse(stamp))
        }
        guard words.count > 2, words[2] == "UTC" || words[2] == "GMT" else { return nil }
        return try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse("\(first)T\(words[1])Z")
    }

    /// `1:M 01 Mar 2026 09:30:00.125 * …`; the supervisor starts Redis with universal time.
    private static func redisStamp(_ text: String) -> Date? {
        let words = text.split(separator: " ", maxSplits: 6)
        guard words.count > 5, words[0].contains(":"), let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = month + 1
        let stamp = "\(words[3])-\(number < 10 ? "0" : "")\(number)-\(words[1])T\(words[4])Z"
        return try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(stamp)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func level(_ text: String) -> String? {
        if redisStamp(text) != nil {
            switch text.split(separator: " ", maxSplits: 6)[5] {
            case "#": return "warning"
            case "*": return "notice"
            default: return "debug"
            }
        }
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
