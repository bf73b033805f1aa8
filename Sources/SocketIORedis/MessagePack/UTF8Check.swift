/// Whether bytes are UTF-8, without making a string of them.
enum UTF8Check {
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            index += 1
            if lead < 0x80 { continue }
            // Unicode 16, table 3-7: the second byte's range depends on the first, which excludes overlong forms,
            // surrogates and what lies beyond U+10FFFF.
            let (following, second): (Int, ClosedRange<UInt8>) =
                switch lead {
                case 0xc2...0xdf: (1, 0x80...0xbf)
                case 0xe0: (2, 0xa0...0xbf)
                case 0xed: (2, 0x80...0x9f)
                case 0xe1...0xef: (2, 0x80...0xbf)
                case 0xf0: (3, 0x90...0xbf)
                case 0xf1...0xf3: (3, 0x80...0xbf)
                case 0xf4: (3, 0x80...0x8f)
                default: (0, 0x80...0xbf)
                }
            guard following > 0, index + following <= bytes.count, second.contains(bytes[index]) else { return false }
            for offset in 1..<following where bytes[index + offset] & 0xc0 != 0x80 { return false }
            index += following
        }
        return true
    }
}
