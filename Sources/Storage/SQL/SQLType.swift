package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// The types of PostgreSQL that we send, with the ids of `pg_type`, which never change.
package enum SQLType: UInt32, Sendable {
    case bool = 16
    case bytea = 17
    case bigint = 20
    case text = 25
    case timestamptz = 1184
    case uuid = 2950
    case boolArray = 1000
    case byteaArray = 1001
    case bigintArray = 1016
    case textArray = 1009
    case timestamptzArray = 1185
    case uuidArray = 2951

    /// The type of an array of this; nil where we have none.
    var array: SQLType? {
        switch self {
        case .bool: .boolArray
        case .bytea: .byteaArray
        case .bigint: .bigintArray
        case .text: .textArray
        case .timestamptz: .timestamptzArray
        case .uuid: .uuidArray
        case .boolArray, .byteaArray, .bigintArray, .textArray, .timestamptzArray, .uuidArray: nil
        }
    }
}

/// A value that can be a parameter, in PostgreSQL's binary format.
package protocol SQLEncodable {
    static var sqlType: SQLType { get }
    var sqlBytes: [UInt8] { get }
}

/// A value that can be a column, in PostgreSQL's binary format.
package protocol SQLDecodable {
    /// Nil when the bytes are not such a value.
    init?(sqlBytes: UnsafeRawBufferPointer)
}

extension Bool: SQLEncodable, SQLDecodable {
    package static var sqlType: SQLType { .bool }
    package var sqlBytes: [UInt8] { [self ? 1 : 0] }
    package init?(sqlBytes: UnsafeRawBufferPointer) {
        guard sqlBytes.count == 1 else { return nil }
        self = sqlBytes[0] != 0
    }
}

extension Int64: SQLEncodable, SQLDecodable {
    package static var sqlType: SQLType { .bigint }
    package var sqlBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
    package init?(sqlBytes: UnsafeRawBufferPointer) {
        guard sqlBytes.count == 8 else { return nil }
        self = Int64(bigEndian: sqlBytes.loadUnaligned(as: Int64.self))
    }
}

extension String: SQLEncodable, SQLDecodable {
    package static var sqlType: SQLType { .text }
    package var sqlBytes: [UInt8] { Array(utf8) }
    package init?(sqlBytes: UnsafeRawBufferPointer) { self.init(decoding: sqlBytes, as: UTF8.self) }
}

extension Identifier: SQLEncodable, SQLDecodable {
    package static var sqlType: SQLType { .uuid }
    package var sqlBytes: [UInt8] { bytes }
    package init?(sqlBytes: UnsafeRawBufferPointer) { self.init(bytes: sqlBytes) }
}

extension Date: SQLEncodable, SQLDecodable {
    // PostgreSQL counts microseconds from 2000-01-01 UTC.
    private static let epochSeconds = 946_684_800.0

    package static var sqlType: SQLType { .timestamptz }
    package var sqlBytes: [UInt8] {
        Int64(((timeIntervalSince1970 - Self.epochSeconds) * 1_000_000).rounded()).sqlBytes
    }
    package init?(sqlBytes: UnsafeRawBufferPointer) {
        guard let microseconds = Int64(sqlBytes: sqlBytes) else { return nil }
        let milliseconds = (Double(microseconds) / 1000).rounded() + Self.epochSeconds * 1000
        self.init(timeIntervalSince1970: milliseconds / 1000)
    }
}

/// Raw bytes. An array of bytes would be taken for an array of small numbers.
package struct Bytes: SQLEncodable, SQLDecodable, Hashable, Sendable {
    package let sqlBytes: [UInt8]
    package static var sqlType: SQLType { .bytea }
    package init(_ bytes: [UInt8]) { sqlBytes = bytes }
    package init?(sqlBytes: UnsafeRawBufferPointer) { self.sqlBytes = Array(sqlBytes) }
}
