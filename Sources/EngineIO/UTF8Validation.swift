package import NIOCore

/// Tells whether bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
package enum UTF8Validation {
    /// Most text is ASCII, so eight bytes at a time are looked at before the exact check begins.
    package static func isValid(_ bytes: ByteBufferView) -> Bool {
        bytes.withUnsafeBytes { raw in
            var index = 0
            while index + 8 <= raw.count,
                raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                index += 8
            }
            return isValidSlowly(raw, from: index)
        }
    }

    private static func isValidSlowly(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var index = start
        while index < bytes.count {
            let lead = bytes[index]
            // How many bytes follow, and the range of the first of them (Unicode 15, table 3-7).
            let (following, second): (Int, ClosedRange<UInt8>)
            switch lead {
            case 0x00...0x7f: (following, second) = (0, 0x80...0xbf)
            case 0xc2...0xdf: (following, second) = (1, 0x80...0xbf)
            case 0xe0: (following, second) = (2, 0xa0...0xbf)
            case 0xe1...0xec, 0xee...0xef: (following, second) = (2, 0x80...0xbf)
            case 0xed: (following, second) = (2, 0x80...0x9f)
            case 0xf0: (following, second) = (3, 0x90...0xbf)
            case 0xf1...0xf3: (following, second) = (3, 0x80...0xbf)
            case 0xf4: (following, second) = (3, 0x80...0x8f)
            default: return false
            }
            guard index + following < bytes.count else { return false }
            if following > 0 {
                guard second.contains(bytes[index + 1]) else { return false }
                for next in 1..<following where bytes[index + next + 1] & 0xc0 != 0x80 { return false }
            }
            index += following + 1
        }
        return true
    }
}
