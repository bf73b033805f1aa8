package import Foundation

// What clients see of the chat, as JSON: in REST, in events and from `chatctl --json` alike. Snake case, times in RFC 3339,
// ids as text. Field names are an interface: new ones may come, but old ones stay.

/// Times as text.
package enum WireTime {
    private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// In RFC 3339, UTC with milliseconds: `2026-11-23T12:00:00.000Z`
    package static func format(_ date: Date) -> String { date.formatted(style) }
}
