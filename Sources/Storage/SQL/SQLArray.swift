/// Arrays of values, for bulk statements with `unnest`.
///
/// The binary format: dimensions, a flag, the type of the elements, then for the one dimension its size and lower
/// bound, then each element as length and bytes; all numbers are 32 bits, most significant byte first.
extension Array: SQLEncodable where Element: SQLEncodable {
    package static var sqlType: SQLType {
        guard let type = Element.sqlType.array else { preconditionFailure("no array of \(Element.self)") }
        return type
    }

    package var sqlBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(20 + count * 20)
        bytes.append(number: isEmpty ? 0 : 1)
        bytes.append(number: 0)
        bytes.append(number: Element.sqlType.rawValue)
        guard !isEmpty else { return bytes }
        bytes.append(number: UInt32(count))
        bytes.append(number: 1)
        for element in self {
            let value = element.sqlBytes
            bytes.append(number: UInt32(value.count))
            bytes += value
        }
        return bytes
    }
}

extension Array: SQLDecodable where Element: SQLDecodable {
    package init?(sqlBytes: UnsafeRawBufferPointer) {
        var position = 0
        func number() -> Int? {
            guard position + 4 <= sqlBytes.count else { return nil }
            defer { position += 4 }
            return Int(Int32(bigEndian: sqlBytes.loadUnaligned(fromByteOffset: position, as: Int32.self)))
        }
        guard let dimensions = number(), number() != nil, number() != nil else { return nil }
        self = []
        guard dimensions == 1 else {
            if dimensions == 0 { return }
            return nil
        }
        guard let count = number(), count >= 0, number() != nil else { return nil }
        for _ in 0..<count {
            // A length of -1 is a NULL, which none of our arrays can hold.
            guard let length = number(), length >= 0, position + length <= sqlBytes.count,
                let element = Element(
                    sqlBytes: UnsafeRawBufferPointer(rebasing: sqlBytes[position..<position + length])
                )
            else { return nil }
            append(element)
            position += length
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
