/// Reads JSON text token by token (RFC 8259) without building values.
///
/// It is how packets are validated and cut into arguments while the client's bytes stay as they are, and how the
/// Redis adapter turns JSON into MessagePack. It never allocates and never recurses: nesting is counted, and a text
/// deeper than `depthMax` is refused before it can cost anything.
package struct JSONScanner {
    package enum Token: Equatable {
        case beginObject
        case endObject
        case beginArray
        case endArray
        /// The text between the quotes. `escaped` says whether it holds a backslash.
        case string(Range<Int>, escaped: Bool)
        /// As `string`, but the name of an object's member.
        case key(Range<Int>, escaped: Bool)
        case number(Range<Int>)
        case bool(Bool)
        case null
    }

    package struct Malformed: Error, Equatable {
        package var offset: Int
    }

    /// Deepest nesting that is read, in levels of arrays and objects together.
    package static let depthMax = 32

    package private(set) var offset: Int
    private let bytes: UnsafeRawBufferPointer
    /// One bit per open level, 1 for an object: 32 levels fit a word, so nesting needs no heap.
    private var levels: UInt64 = 0
    private var depth = 0
    private var expected = Expectation.value

    /// What may come next at this place of the text.
    private enum Expectation {
        case value
        case firstElement
        case firstKey
        case key
        case commaOrEnd
        case end
    }

    /// Scans one JSON value that starts at `offset` in `bytes`; the bytes must outlive the scanner.
    package init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Whether the value that was begun is complete.
    package var isComplete: Bool { expected == .end }

    /// The next token, or nil once the value is complete.
    ///
    /// Bytes behind the value are not looked at; compare `offset` with the end to refuse them.
    package mutating func next() throws(Malformed) -> Token? {
        if expected == .end { return nil }
        skipSpace()
        if expected == .commaOrEnd {
            if let closed = try closeOrComma() { return closed }
            skipSpace()
        }
        switch expected {
        case .firstElement where peek() == UInt8(ascii: "]"), .firstKey where peek() == UInt8(ascii: "}"):
            return try close()
        case .firstKey, .key:
            return try key()
        case .value, .firstElement:
            return try value()
        case .commaOrEnd, .end:
            throw malformed()
        }
    }

    /// Reads the value that comes next as a whole and returns the range of its text.
    package mutating func skipValue() throws(Malformed) -> Range<Int> {
        // After a comma the value's own start is what the caller wants, not the comma before it.
        guard let first = try next() else { throw malformed() }
        let start = self.start(of: first)
        switch first {
        case .beginArray, .beginObject:
            let outer = depth - 1
            while depth > outer {
                guard try next() != nil else { throw malformed() }
            }
        case .endArray, .endObject, .key:
            throw malformed()
        case .string, .number, .bool, .null:
            break
        }
        return start..<offset
    }

    private func start(of token: Token) -> Int {
        switch token {
        case .beginArray, .beginObject, .endArray, .endObject: offset - 1
        case .string(let range, _), .key(let range, _): range.lowerBound - 1
        case .number(let range): range.lowerBound
        case .bool(let value): offset - (value ? 4 : 5)
        case .null: offset - 4
        }
    }

    // MARK: Structure

    private mutating func closeOrComma() throws(Malformed) -> Token? {
        switch peek() {
        case UInt8(ascii: ","):
            offset += 1
            expected = inObject ? .key : .value
            return nil
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            return try close()
        default:
            throw malformed()
        }
    }

    private mutating func close() throws(Malformed) -> Token {
        let object = inObject
        guard peek() == UInt8(ascii: object ? "}" : "]") else { throw malformed() }
        offset += 1
        depth -= 1
        levels >>= 1
        valueEnded()
        return object ? .endObject : .endArray
    }

    private mutating func open(object: Bool) throws(Malformed) {
        guard depth < Self.depthMax else { throw malformed() }
        offset += 1
        depth += 1
        levels = levels << 1 | (object ? 1 : 0)
        expected = object ? .firstKey : .firstElement
    }

    private var inObject: Bool { levels & 1 == 1 }

    private mutating func valueEnded() {
        expected = depth == 0 ? .end : .commaOrEnd
    }

    private mutating func key() throws(Malformed) -> Token {
        guard peek() == UInt8(ascii: "\"") else { throw malformed() }
        let (range, escaped) = try string()
        skipSpace()
        guard peek() == UInt8(ascii: ":") else { throw malformed() }
        offset += 1
        expected = .value
        return .key(range, escaped: escaped)
    }

    // MARK: Values

    private mutating func value() throws(Malformed) -> Token {
        switch peek() {
        case UInt8(ascii: "{"):
            try open(object: true)
            return .beginObject
        case UInt8(ascii: "["):
            try open(object: false)
            return .beginArray
        case UInt8(ascii: "\""):
            let (range, escaped) = try string()
            valueEnded()
            return .string(range, escaped: escaped)
        case UInt8(ascii: "t"):
            return try literal("true", .bool(true))
        case UInt8(ascii: "f"):
            return try literal("false", .bool(false))
        case UInt8(ascii: "n"):
            return try literal("null", .null)
        default:
            return try number()
        }
    }

    private mutating func literal(_ text: StaticString, _ token: Token) throws(Malformed) -> Token {
        let count = text.utf8CodeUnitCount
        guard bytes.count - offset >= count else { throw malformed() }
        for index in 0..<count where bytes[offset + index] != text.utf8Start[index] {
            throw malformed()
        }
        offset += count
        valueEnded()
        return token
    }

    private mutating func number() throws(Malformed) -> Token {
        let start = offset
        if peek() == UInt8(ascii: "-") { offset += 1 }
        if peek() == UInt8(ascii: "0") {
            offset += 1
        } else {
            try digits()
        }
        if peek() == UInt8(ascii: ".") {
            offset += 1
            try digits()
        }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
            try digits()
        }
        valueEnded()
        return .number(start..<offset)
    }

    private mutating func digits() throws(Malformed) {
        let start = offset
        while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { offset += 1 }
        if offset == start { throw malformed() }
    }

    private mutating func string() throws(Malformed) -> (Range<Int>, escaped: Bool) {
        offset += 1
        let start = offset
        var escaped = false
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return (start..<offset - 1, escaped)
            case UInt8(ascii: "\\"):
                escaped = true
                offset += 1
                try escape()
            case 0..<0x20:
                throw malformed()
            default:
                offset += 1
            }
        }
        throw malformed()
    }

    private mutating func escape() throws(Malformed) {
        switch peek() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            for _ in 0..<4 {
                guard let byte = peek(), Self.isHexDigit(byte) else { throw malformed() }
                offset += 1
            }
        default:
            throw malformed()
        }
    }

    // MARK: Bytes

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default:
            false
        }
    }

    private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { offset += 1 }
    }

    private func malformed() -> Malformed { Malformed(offset: offset) }
}
