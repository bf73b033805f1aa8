import CPostgres
import Domain

/// What went wrong between us and PostgreSQL, with its own words for the log. Never shown to people.
package struct StorageError: Error, Sendable, CustomStringConvertible {
    package let kind: Kind
    /// The five characters of PostgreSQL's error code, where it gave one.
    package let sqlState: String?
    /// The constraint that was violated.
    package let constraint: String?
    package let detail: String

    package enum Kind: String, Sendable {
        /// PostgreSQL refused a statement.
        case server
        /// No connection, or it broke.
        case connection
        /// No answer in time.
        case timeout
        /// Too many calls wait, or the database was closed.
        case overloaded
        /// A row is not what the decoder expects.
        case decoding
        /// The server may lose what it confirmed, so we do not use it.
        case unsafe
        /// The connection string, the migrations' folder or the schema is not usable.
        case configuration
    }

    package init(_ kind: Kind, _ detail: String, sqlState: String? = nil, constraint: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.sqlState = sqlState
        self.constraint = constraint
    }

    /// Reads the error of a result.
    init(result: OpaquePointer) {
        let state = ResultField.sqlState.read(from: result)
        self.init(
            state.map(Self.breaksConnection) == true ? .connection : .server,
            ResultField.message.read(from: result) ?? String(cString: PQresultErrorMessage(result)),
            sqlState: state,
            constraint: ResultField.constraint.read(from: result)
        )
    }

    package var description: String {
        "\(kind.rawValue)\(sqlState.map { " \($0)" } ?? ""): \(detail)\(constraint.map { " (\($0))" } ?? "")"
    }

    /// Class 08 is a broken connection; 57P01…57P05 say that the server ends it.
    private static func breaksConnection(_ state: String) -> Bool {
        state.hasPrefix("08") || state.hasPrefix("57P")
    }

    /// PostgreSQL gave up a transaction because of others, and asks to run it again.
    var isTransient: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// A row stayed locked by somebody else for longer than we wait.
    var isLockTimeout: Bool { sqlState == "55P03" }

    /// The prepared statement is unknown or stale; preparing it again helps.
    var isLostStatement: Bool { sqlState == "26000" || sqlState == "0A000" }

    /// What a caller of the domain sees; nil when the error is ours and stays a `StorageError`.
    var asChatError: ChatError? {
        switch kind {
        case .connection, .timeout, .overloaded, .unsafe: return .unavailable
        case .decoding, .configuration: return nil
        case .server: break
        }
        switch constraint {
        case "users_name_key": return .conflict(field: "name", message: "This name is taken.")
        case "webhooks_name_key": return .conflict(field: "name", message: "A webhook with this name exists.")
        case "rooms_name_key": return .conflict(field: "name", message: "A room with this name exists.")
        default: break
        }
        switch sqlState {
        // Statement cancelled, lock not available, deadlock, serialization, too many connections, out of resources,
        // read-only server; and a statement that was lost once too often, as under a lock that keeps it from being
        // prepared.
        case "57014", "55P03", "40P01", "40001", "53300", "53100", "53200", "25006", "26000": return .unavailable
        default: return nil
        }
    }
}

/// The error that leaves this module for `error`.
func outward(_ error: any Error) -> any Error {
    (error as? StorageError)?.asChatError ?? error
}
