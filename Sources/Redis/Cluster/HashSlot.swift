/// Which part of a cluster a key or a sharded channel belongs to.
enum HashSlot {
    /// How many there are.
    static let count = 16_384

    /// CRC-16/XMODEM of the name, or of the part between its first braces where that is not empty, so that names can be
    /// kept together.
    static func of(_ name: some StringProtocol) -> Int {
        let bytes = name.utf8
        var hashed = bytes[...]
        if let open = bytes.firstIndex(of: UInt8(ascii: "{")) {
            let start = bytes.index(after: open)
            if let close = bytes[start...].firstIndex(of: UInt8(ascii: "}")), close > start {
                hashed = bytes[start..<close]
            }
        }
        return Int(hashed.reduce(0, crc16)) % count
    }

    private static func crc16(_ crc: UInt16, _ byte: UInt8) -> UInt16 {
        (crc << 8) ^ table[Int(UInt8(crc >> 8) ^ byte)]
    }

    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : (crc << 1) ^ 0x1021 }
    }
}
