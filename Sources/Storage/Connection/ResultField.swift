import CPostgres

/// The parts of an error or a notice: the PG_DIAG macros, which Swift does not import.
enum ResultField: Character {
    /// PG_DIAG_SEVERITY_NONLOCALIZED
    case severity = "V"
    /// PG_DIAG_SQLSTATE
    case sqlState = "C"
    /// PG_DIAG_MESSAGE_PRIMARY
    case message = "M"
    /// PG_DIAG_CONSTRAINT_NAME
    case constraint = "n"

    /// Nil where the result has no such part.
    func read(from result: OpaquePointer) -> String? {
        PQresultErrorField(result, Int32(rawValue.asciiValue!)).map { String(cString: $0) }
    }
}
