import Foundation

/// JSON as chatctl prints it: one line, keys sorted, times in RFC 3339 with milliseconds.
enum JSONText {
    static func encode(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(TimeText.rfc3339(date))
        }
        // Our own plain structures: they cannot fail to encode.
        guard let data = try? encoder.encode(value) else { preconditionFailure("\(type(of: value)) is not encodable") }
        return SafeText.escapedJSON(String(decoding: data, as: UTF8.self))
    }
}
