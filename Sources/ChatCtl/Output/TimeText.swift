import Foundation
import Views

/// Times, durations and sizes, for people and for programs.
enum TimeText {
    /// `2026-03-01T09:30:00.125Z`
    static func rfc3339(_ date: Date) -> String { WireTime.format(date) }

    /// Two units at most: `0.4 s`, `12 s`, `2m 4s`, `3h 12m`, `5d 1h`.
    static func duration(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        if seconds < 0 { return "0 s" }
        if seconds < 10 {
            let tenths = Int((duration / .milliseconds(100)).rounded())
            if tenths < 100, tenths % 10 != 0 { return "\(tenths / 10).\(tenths % 10) s" }
            return "\((tenths + 5) / 10) s"
        }
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60)m \(seconds % 60)s"
        case ..<86400: return "\(seconds / 3600)h \(seconds % 3600 / 60)m"
        default: return "\(seconds / 86400)d \(seconds % 86400 / 3600)h"
        }
    }

    /// Seconds with two decimals, for the steps of a start: `0.31 s`.
    static func step(_ duration: Duration) -> String {
        let hundredths = max(0, Int((duration / .milliseconds(10)).rounded()))
        let fraction = hundredths % 100
        return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) s"
    }

    /// `0.1 ms`, `12 ms`
    static func milliseconds(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let tenths = Int((min(max(0, value), 1e12) * 10).rounded())
        return tenths < 100 ? "\(tenths / 10).\(tenths % 10) ms" : "\((tenths + 5) / 10) ms"
    }

    /// `0.3`, `12`, `1 204`
    static func rate(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        return value < 10
            ? "\(Int((max(0, value) * 10).rounded()) / 10).\(Int((max(0, value) * 10).rounded()) % 10)"
            : number(Int(value.rounded()))
    }

    /// `3 %`
    static func percent(_ value: Double) -> String { value.isFinite ? "\(Int(max(0, value).rounded())) %" : "-" }

    /// Groups of three: `18 204`.
    static func number(_ value: Int) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: " ")
    }

    /// How long ago: `just now`, `2m 4s ago`.
    static func ago(_ date: Date, now: Date) -> String {
        let seconds = now.timeIntervalSince(date)
        return seconds < 1 ? "just now" : "\(duration(.seconds(seconds.rounded(.down)))) ago"
    }

    /// How long until: `in 2m 4s`, and `over` for what has passed.
    static func until(_ date: Date, now: Date) -> String {
        let seconds = date.timeIntervalSince(now)
        return seconds <= 0 ? "over" : "in \(duration(.seconds(seconds.rounded(.up))))"
    }

    /// `512 B`, `41 MB`, `1.2 GB` (powers of 1024).
    static func bytes(_ count: Int) -> String {
        var value = Double(max(0, count))
        var unit = 0
        let units = ["B", "kB", "MB", "GB", "TB"]
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        if unit >= 3, value < 10 {
            let tenths = Int((value * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) \(units[unit])"
        }
        return "\(Int(value.rounded())) \(units[unit])"
    }
}
