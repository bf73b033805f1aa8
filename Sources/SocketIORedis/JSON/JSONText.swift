internal import NIOCore

/// Writes JSON as `JSON.stringify` does.
extension ByteBuffer {
    /// Writes a quoted string with JavaScript's escapes. `bytes` must be UTF-8.
    mutating func writeJSONString(utf8 bytes: UnsafeRawBufferPointer) {
        writeInteger(UInt8(ascii: "\""))
        var start = 0
        for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5c {
            writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
            writeJSONEscape(byte)
            start = index + 1
        }
        writeBytes(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes a quoted string with JavaScript's escapes.
    mutating func writeJSONString(_ text: String) {
        var text = text
        text.withUTF8 { writeJSONString(utf8: UnsafeRawBufferPointer($0)) }
    }

    private mutating func writeJSONEscape(_ byte: UInt8) {
        switch byte {
        case 0x22: writeStaticString("\\\"")
        case 0x5c: writeStaticString("\\\\")
        case 0x08: writeStaticString("\\b")
        case 0x09: writeStaticString("\\t")
        case 0x0a: writeStaticString("\\n")
        case 0x0c: writeStaticString("\\f")
        case 0x0d: writeStaticString("\\r")
        default:
            writeStaticString("\\u00")
            for digit in [byte >> 4, byte & 0x0f] {
                writeInteger(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    /// Writes a number as `Number.prototype.toString` does; NaN and the infinities as `null`.
    mutating func writeJSONNumber(_ value: Double) {
        guard value.isFinite else {
            writeStaticString("null")
            return
        }
        if let integer = Int64(exactly: value), integer.magnitude <= 1 << 53 {
            writeString(String(integer))
            return
        }
        writeString(JavaScriptNumber.text(value))
    }

    /// Writes an integer; beyond 2^53 with the digits of the nearest double, which is what JavaScript holds.
    mutating func writeJSONNumber(_ value: Int64) {
        if value.magnitude <= 1 << 53 {
            writeString(String(value))
        } else {
            writeJSONNumber(Double(value))
        }
    }

    /// Writes `Date.prototype.toISOString` in quotes, or `null` for a time that JavaScript cannot hold.
    mutating func writeJSONDate(milliseconds: Double) {
        // ECMA-262: a time value is at most 8.64e15 milliseconds from 1970.
        guard milliseconds.magnitude <= 8.64e15 else {
            writeStaticString("null")
            return
        }
        writeInteger(UInt8(ascii: "\""))
        writeString(JavaScriptDate.text(milliseconds: Int64(milliseconds.rounded(.down))))
        writeInteger(UInt8(ascii: "\""))
    }
}

enum JavaScriptNumber {
    /// The shortest digits that read back as `value`, laid out by ECMA-262 6.1.6.1.20: without an exponent from 1e-6
    /// up to 1e21, otherwise like `1.5e+21`.
    static func text(_ value: Double) -> String {
        // Swift gives the same shortest digits, only in another layout.
        let (digits, exponent) = decimal(value.magnitude.description)
        let sign = value < 0 ? "-" : ""
        let count = digits.count
        switch exponent {
        case count...21 where exponent >= count:
            return sign + digits + String(repeating: "0", count: exponent - count)
        case 1...21:
            let point = digits.index(digits.startIndex, offsetBy: exponent)
            return sign + digits[..<point] + "." + digits[point...]
        case -5...0:
            return sign + "0." + String(repeating: "0", count: -exponent) + digits
        default:
            let fraction = count > 1 ? "." + digits.dropFirst() : ""
            return sign + digits.prefix(1) + fraction + "e" + (exponent > 0 ? "+" : "") + String(exponent - 1)
        }
    }

    /// The digits d and the exponent n of a description, so that the value is 0.d × 10^n.
    private static func decimal(_ description: String) -> (digits: String, exponent: Int) {
        let parts = description.split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + mantissa[0].count
        let all = mantissa.joined()
        let leading = all.prefix { $0 == "0" }.count
        exponent -= leading
        var digits = String(all.dropFirst(leading))
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return (digits, exponent)
    }
}

enum JavaScriptDate {
    /// `2026-11-23T20:05:31.689Z`; years outside 0...9999 with a sign and six digits.
    static func text(milliseconds: Int64) -> String {
        let day: Int64 = 86_400_000
        let days = (milliseconds >= 0 ? milliseconds : milliseconds - day + 1) / day
        let time = milliseconds - days * day
        let (year, month, dayOfMonth) = civil(days: days)
        let yearText =
            (0...9_999).contains(year) ? padded(year, 4) : (year < 0 ? "-" : "+") + padded(year.magnitude, 6)
        return "\(yearText)-\(padded(month, 2))-\(padded(dayOfMonth, 2))T"
            + "\(padded(time / 3_600_000, 2)):\(padded(time / 60_000 % 60, 2)):\(padded(time / 1_000 % 60, 2))"
            + ".\(padded(time % 1_000, 3))Z"
    }

    private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01. Eras of 400 years begin on a 1 March, so that
    /// the leap day is the last of its year.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
