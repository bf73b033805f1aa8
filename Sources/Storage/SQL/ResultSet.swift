import CPostgres

/// The rows that a statement returned, owned here and freed with the last reference.
///
/// Sendable although it holds a pointer: libpq never changes a result once it handed it out, and reading one from any
/// thread is allowed ("PGresult objects are read-only after creation, and so can be passed around freely between
/// threads", libpq's documentation, Behavior in Threaded Programs).
final class ResultSet: @unchecked Sendable {
    private let result: OpaquePointer
    let count: Int

    init(owning result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    /// How many rows a statement changed.
    var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    /// Decodes every row, the columns in the order of the statement.
    func decode<Value>(_ decoder: (inout Row) throws -> Value) throws -> [Value] {
        try (0..<count).map { index in
            var row = Row(result: result, index: Int32(index))
            return try decoder(&row)
        }
    }

    /// Decodes the first row, if there is one.
    func first<Value>(_ decoder: (inout Row) throws -> Value) throws -> Value? {
        guard count > 0 else { return nil }
        var row = Row(result: result, index: 0)
        return try decoder(&row)
    }
}

/// A row that is read column after column. A decoder stands beside its statement and reads in the same order.
struct Row {
    fileprivate let result: OpaquePointer
    fileprivate let index: Int32
    private var column: Int32 = 0

    fileprivate init(result: OpaquePointer, index: Int32) {
        self.result = result
        self.index = index
    }

    /// The next column. Throws when it is NULL or of another type.
    mutating func read<Value: SQLDecodable>(_: Value.Type = Value.self) throws -> Value {
        guard let value: Value = try readIfPresent() else { throw mismatch("NULL") }
        return value
    }

    /// The next column; nil for NULL.
    mutating func readIfPresent<Value: SQLDecodable>(_: Value.Type = Value.self) throws -> Value? {
        guard column < PQnfields(result) else { throw mismatch("no column") }
        defer { column += 1 }
        guard PQgetisnull(result, index, column) == 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, index, column),
            count: Int(PQgetlength(result, index, column))
        )
        guard let value = Value(sqlBytes: bytes) else { throw mismatch("not a \(Value.self)") }
        return value
    }

    /// The next column as one of an enumeration's values.
    mutating func read<Value: RawRepresentable<String>>(_: Value.Type = Value.self) throws -> Value {
        let text: String = try read()
        guard let value = Value(rawValue: text) else { throw mismatch("not a \(Value.self)") }
        return value
    }

    /// The next column as one of an enumeration's values; nil for NULL.
    mutating func readIfPresent<Value: RawRepresentable<String>>(_: Value.Type = Value.self) throws -> Value? {
        guard let text: String = try readIfPresent() else { return nil }
        guard let value = Value(rawValue: text) else { throw mismatch("not a \(Value.self)") }
        return value
    }

    private func mismatch(_ what: String) -> StorageError {
        let name = PQfname(result, column).map { String(cString: $0) } ?? "?"
        return StorageError(.decoding, "column \(column) (\(name)): \(what)")
    }
}
