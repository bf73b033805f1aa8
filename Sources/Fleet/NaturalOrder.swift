/// The order in which people count: `i-2` before `i-10`.
package enum NaturalOrder {
    /// Whether `first` comes before `second`. Runs of digits compare as numbers, everything else as bytes.
    package static func precedes(_ first: String, _ second: String) -> Bool {
        var left = Substring(first).utf8
        var right = Substring(second).utf8
        while let one = left.first, let other = right.first {
            if isDigit(one), isDigit(other) {
                let (a, b) = (number(&left), number(&right))
                if a.count != b.count { return a.count < b.count }
                if a != b { return a.lexicographicallyPrecedes(b) }
            } else {
                if one != other { return one < other }
                left.removeFirst()
                right.removeFirst()
            }
        }
        // Equal but for zeros before a number: an order is still needed, or a sort would not be stable over calls.
        return left.isEmpty == right.isEmpty ? first < second : left.isEmpty
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// The run of digits without leading zeros: longer is larger, and no number is too large.
    private static func number(_ text: inout Substring.UTF8View) -> [UInt8] {
        let digits = text.prefix(while: isDigit)
        text = text.dropFirst(digits.count)
        return Array(digits.drop { $0 == UInt8(ascii: "0") })
    }
}
