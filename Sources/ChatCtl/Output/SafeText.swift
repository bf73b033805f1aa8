/// Makes text of strangers safe to print: a name or topic must not move the cursor, change colours, forge lines, or turn
/// the reading direction around.
enum SafeText {
    /// The text with control characters and invisible direction marks written as `\n`, `\x1b`, `\u{202e}`.
    static func escaped(_ text: String, keepingNewlines: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += keepingNewlines ? "\n" : "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where !isUnsafe(scalar): result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x100: result += "\\x" + hexadecimal(scalar.value, digits: 2)
            default: result += "\\u{" + String(scalar.value, radix: 16) + "}"
            }
        }
        return result
    }

    /// The same for text that is JSON already: only what JSON lets through raw is left to escape, in JSON's own form.
    static func escapedJSON(_ json: String) -> String {
        guard json.unicodeScalars.contains(where: { isUnsafe($0) && $0.value >= 0x7f }) else { return json }
        var result = ""
        for scalar in json.unicodeScalars {
            if isUnsafe(scalar), scalar.value >= 0x7f {
                result += "\\u" + hexadecimal(scalar.value, digits: 4)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0: true  // C0 (ESC among them), DEL, C1
        case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true  // bidirectional marks and overrides
        case 0x2028, 0x2029, 0xfeff: true  // line and paragraph separator, byte order mark
        default: false
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
