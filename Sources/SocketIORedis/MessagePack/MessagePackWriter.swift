internal import NIOCore

// MessagePack as notepack.io writes it: every number and length in its shortest form.
extension ByteBuffer {
    mutating func writeMessagePackNull() { writeInteger(0xc0 as UInt8) }

    mutating func writeMessagePack(_ value: Bool) { writeInteger(value ? 0xc3 : 0xc2 as UInt8) }

    mutating func writeMessagePack(_ value: Int64) {
        switch value {
        case 0..<0x80, -0x20..<0: writeInteger(Int8(value))
        case 0x80..<0x100: writeMultipleIntegers(0xcc as UInt8, UInt8(value))
        case 0x100..<0x1_0000: writeMultipleIntegers(0xcd as UInt8, UInt16(value))
        case 0x1_0000..<0x1_0000_0000: writeMultipleIntegers(0xce as UInt8, UInt32(value))
        case 0x1_0000_0000...: writeMultipleIntegers(0xcf as UInt8, UInt64(value))
        case -0x80 ..< -0x20: writeMultipleIntegers(0xd0 as UInt8, Int8(value))
        case -0x8000 ..< -0x80: writeMultipleIntegers(0xd1 as UInt8, Int16(value))
        case -0x8000_0000 ..< -0x8000: writeMultipleIntegers(0xd2 as UInt8, Int32(value))
        default: writeMultipleIntegers(0xd3 as UInt8, value)
        }
    }

    mutating func writeMessagePack(_ value: Double) { writeMultipleIntegers(0xcb as UInt8, value.bitPattern) }

    mutating func writeMessagePack(_ value: String) {
        writeMessagePackStringHeader(bytes: value.utf8.count)
        writeString(value)
    }

    mutating func writeMessagePack(utf8 bytes: UnsafeRawBufferPointer) {
        writeMessagePackStringHeader(bytes: bytes.count)
        writeBytes(bytes)
    }

    mutating func writeMessagePack(binary bytes: ByteBuffer) {
        switch bytes.readableBytes {
        case ..<0x100: writeMultipleIntegers(0xc4 as UInt8, UInt8(bytes.readableBytes))
        case ..<0x1_0000: writeMultipleIntegers(0xc5 as UInt8, UInt16(bytes.readableBytes))
        default: writeMultipleIntegers(0xc6 as UInt8, UInt32(bytes.readableBytes))
        }
        writeImmutableBuffer(bytes)
    }

    mutating func writeMessagePackArrayHeader(count: Int) {
        writeContainerHeader(.array, count: count)
    }

    mutating func writeMessagePackMapHeader(count: Int) {
        writeContainerHeader(.map, count: count)
    }

    private mutating func writeMessagePackStringHeader(bytes count: Int) {
        switch count {
        case ..<0x20: writeInteger(0xa0 | UInt8(count))
        case ..<0x100: writeMultipleIntegers(0xd9 as UInt8, UInt8(count))
        case ..<0x1_0000: writeMultipleIntegers(0xda as UInt8, UInt16(count))
        default: writeMultipleIntegers(0xdb as UInt8, UInt32(count))
        }
    }

    // MARK: Containers whose count is not known yet

    enum MessagePackContainer {
        case array, map

        fileprivate var fixed: UInt8 { self == .array ? 0x90 : 0x80 }
        fileprivate var wide: UInt8 { self == .array ? 0xdc : 0xde }
    }

    /// Writes a container whose elements `body` writes and counts.
    ///
    /// JSON tells a container's size at its end, MessagePack at its start. One byte is left for it, which fits nearly
    /// always; for 16 elements and more what was written moves by two or four bytes.
    mutating func writeMessagePack<Failure: Error>(
        _ container: MessagePackContainer,
        _ body: (inout ByteBuffer) throws(Failure) -> Int
    ) throws(Failure) {
        let start = readableBytes
        writeInteger(container.fixed)
        let count = try body(&self)
        guard count >= 0x10 else {
            setInteger(container.fixed | UInt8(count), at: readerIndex + start)
            return
        }
        let extra = count < 0x1_0000 ? 2 : 4
        let length = readableBytes - start - 1
        writeRepeatingByte(0, count: extra)
        withUnsafeMutableReadableBytes { bytes in
            let content = bytes.baseAddress! + start + 1
            (content + extra).copyMemory(from: content, byteCount: length)
        }
        let index = readerIndex + start
        setInteger(extra == 2 ? container.wide : container.wide + 1, at: index)
        if extra == 2 {
            setInteger(UInt16(count), at: index + 1)
        } else {
            setInteger(UInt32(count), at: index + 1)
        }
    }

    private mutating func writeContainerHeader(_ container: MessagePackContainer, count: Int) {
        switch count {
        case ..<0x10: writeInteger(container.fixed | UInt8(count))
        case ..<0x1_0000: writeMultipleIntegers(container.wide, UInt16(count))
        default: writeMultipleIntegers(container.wide + 1, UInt32(count))
        }
    }
}
