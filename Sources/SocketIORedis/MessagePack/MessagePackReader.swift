/// Reads MessagePack value by value, without building any. Strings and binaries are given as ranges of the bytes.
struct MessagePackReader {
    enum Token: Equatable {
        case null
        /// How notepack.io writes JavaScript's `undefined`: the extension type 0 with one byte.
        case undefined
        case bool(Bool)
        case integer(Int64)
        /// Above the largest `Int64`.
        case unsigned(UInt64)
        case double(Double)
        /// Not yet checked to be UTF-8.
        case string(Range<Int>)
        case binary(Range<Int>)
        case array(count: Int)
        case map(count: Int)
        /// Milliseconds since 1970.
        case date(milliseconds: Double)
        case other(type: Int8, Range<Int>)
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func next() throws(CodecError) -> Token {
        let prefix = try integer(UInt8.self)
        switch prefix {
        case 0x00...0x7f: return .integer(Int64(prefix))
        case 0x80...0x8f: return .map(count: try elements(Int(prefix & 0x0f), each: 2))
        case 0x90...0x9f: return .array(count: try elements(Int(prefix & 0x0f), each: 1))
        case 0xa0...0xbf: return .string(try take(Int(prefix & 0x1f)))
        case 0xc0: return .null
        case 0xc2: return .bool(false)
        case 0xc3: return .bool(true)
        case 0xc4: return .binary(try take(Int(try integer(UInt8.self))))
        case 0xc5: return .binary(try take(Int(try integer(UInt16.self))))
        case 0xc6: return .binary(try take(Int(try integer(UInt32.self))))
        case 0xc7: return try ext(length: Int(try integer(UInt8.self)))
        case 0xc8: return try ext(length: Int(try integer(UInt16.self)))
        case 0xc9: return try ext(length: Int(try integer(UInt32.self)))
        case 0xca: return .double(Double(Float(bitPattern: try integer(UInt32.self))))
        case 0xcb: return .double(Double(bitPattern: try integer(UInt64.self)))
        case 0xcc: return .integer(Int64(try integer(UInt8.self)))
        case 0xcd: return .integer(Int64(try integer(UInt16.self)))
        case 0xce: return .integer(Int64(try integer(UInt32.self)))
        case 0xcf:
            let value = try integer(UInt64.self)
            return Int64(exactly: value).map(Token.integer) ?? .unsigned(value)
        case 0xd0: return .integer(Int64(try integer(Int8.self)))
        case 0xd1: return .integer(Int64(try integer(Int16.self)))
        case 0xd2: return .integer(Int64(try integer(Int32.self)))
        case 0xd3: return .integer(try integer(Int64.self))
        case 0xd4...0xd8: return try ext(length: 1 << Int(prefix - 0xd4))
        case 0xd9: return .string(try take(Int(try integer(UInt8.self))))
        case 0xda: return .string(try take(Int(try integer(UInt16.self))))
        case 0xdb: return .string(try take(Int(try integer(UInt32.self))))
        case 0xdc: return .array(count: try elements(Int(try integer(UInt16.self)), each: 1))
        case 0xdd: return .array(count: try elements(Int(try integer(UInt32.self)), each: 1))
        case 0xde: return .map(count: try elements(Int(try integer(UInt16.self)), each: 2))
        case 0xdf: return .map(count: try elements(Int(try integer(UInt32.self)), each: 2))
        case 0xe0...0xff: return .integer(Int64(Int8(bitPattern: prefix)))
        default: throw .malformed
        }
    }

    /// Passes over one value, however deep, and returns the range of its bytes.
    mutating func skip() throws(CodecError) -> Range<Int> {
        let start = offset
        var left = 1
        while left > 0 {
            left -= 1
            switch try next() {
            // No overflow: each of these elements has at least one byte in the message.
            case .array(let count): left += count
            case .map(let count): left += 2 * count
            default: break
            }
        }
        return start..<offset
    }

    // MARK: Values of a known type

    mutating func arrayCount(_ what: String) throws(CodecError) -> Int {
        guard case .array(let count) = try next() else { throw .member(what) }
        return count
    }

    mutating func mapCount(_ what: String) throws(CodecError) -> Int {
        guard case .map(let count) = try next() else { throw .member(what) }
        return count
    }

    mutating func integer(_ what: String) throws(CodecError) -> Int {
        guard case .integer(let value) = try next() else { throw .member(what) }
        return Int(value)
    }

    mutating func bool(_ what: String) throws(CodecError) -> Bool {
        guard case .bool(let value) = try next() else { throw .member(what) }
        return value
    }

    mutating func string(_ what: String) throws(CodecError) -> String {
        guard case .string(let range) = try next() else { throw .member(what) }
        return try string(range)
    }

    func string(_ range: Range<Int>) throws(CodecError) -> String {
        guard let text = String(validating: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self) else {
            throw .notUTF8
        }
        return text
    }

    // MARK: Bytes

    /// A count that the remaining bytes cannot hold is refused before anything is made for it.
    private func elements(_ count: Int, each: Int) throws(CodecError) -> Int {
        guard count <= (bytes.count - offset) / each else { throw .truncated }
        return count
    }

    private mutating func take(_ count: Int) throws(CodecError) -> Range<Int> {
        guard count <= bytes.count - offset else { throw .truncated }
        defer { offset += count }
        return offset..<offset + count
    }

    private mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(CodecError) -> Value {
        let range = try take(MemoryLayout<Value>.size)
        return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Value.self))
    }

    private mutating func ext(length: Int) throws(CodecError) -> Token {
        let type = try integer(Int8.self)
        let range = try take(length)
        switch (type, length) {
        case (0, 1):
            return .undefined
        case (0, _):
            // An ArrayBuffer of notepack.io 2.
            return .binary(range)
        case (-1, 4):
            return .date(milliseconds: Double(load(UInt32.self, range.lowerBound)) * 1_000)
        case (-1, 8):
            // 30 bits of nanoseconds, 34 bits of seconds.
            let value = load(UInt64.self, range.lowerBound)
            return .date(milliseconds: Double(value & 0x3_ffff_ffff) * 1_000 + Double((value >> 34) / 1_000_000))
        case (-1, 12):
            let nanoseconds = load(UInt32.self, range.lowerBound)
            let seconds = load(Int64.self, range.lowerBound + 4)
            return .date(milliseconds: Double(seconds) * 1_000 + Double(nanoseconds / 1_000_000))
        default:
            return .other(type: type, range)
        }
    }

    private func load<Value: FixedWidthInteger>(_ type: Value.Type, _ index: Int) -> Value {
        Value(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: Value.self))
    }
}
