import CPostgres

/// One connection to PostgreSQL in pipeline mode, confined to the thread that opened it.
///
/// Work is sent as flights. Statements of a flight share one synchronisation point: after one that fails PostgreSQL
/// skips the rest of its flight, and the next flight is not touched. Nothing here blocks except `finish`, which waits
/// for one flight until a deadline.
final class Connection {
    let handle: OpaquePointer
    /// Told of each notice, on the connection's thread; without it they are dropped.
    var onNotice: ((Notice) -> Void)?
    /// Names of the statements that PostgreSQL has parsed for us, by their text.
    private var prepared: [String: String] = [:]
    private var statementsPrepared = 0
    private(set) var flights: [Flight] = []

    /// Takes over a handle that is connected, non-blocking and in pipeline mode.
    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    deinit { PQfinish(handle) }

    var socket: Int32 { PQsocket(handle) }

    /// Sends statements with a synchronisation point after them; the answers come into the flight.
    func begin(_ statements: [SQL]) throws -> Flight {
        let flight = Flight()
        for statement in statements {
            if statement.isPlannedAfresh {
                try sent(sendOnce(statement))
                flight.steps.append(.execute(statement.text))
                continue
            }
            let name: String
            if let known = prepared[statement.text] {
                name = known
            } else {
                statementsPrepared += 1
                name = "s\(statementsPrepared)"
                let types = statement.parameters.map(\.type.rawValue)
                try sent(PQsendPrepare(handle, name, statement.text, Int32(types.count), types))
                prepared[statement.text] = name
                flight.steps.append(.prepare(statement.text))
            }
            try sent(sendExecute(name, statement.parameters))
            flight.steps.append(.execute(statement.text))
        }
        try sent(PQpipelineSync(handle))
        flights.append(flight)
        return flight
    }

    /// Writes what is queued as far as the socket takes it; true when something is left.
    func flush() throws -> Bool {
        switch PQflush(handle) {
        case 0: return false
        case 1: return true
        default: throw lost()
        }
    }

    /// Reads what has arrived. Call it when the socket is readable.
    func consume() throws {
        guard PQconsumeInput(handle) == 1, PQstatus(handle) != CONNECTION_BAD else { throw lost() }
    }

    /// The flights whose answers have arrived whole, in the order in which they were sent. Never blocks.
    func receive() throws -> [Flight] {
        var completed: [Flight] = []
        while let flight = flights.first, PQisBusy(handle) == 0 {
            guard let result = PQgetResult(handle) else {
                if flight.sawResult {
                    flight.advance()
                    continue
                }
                guard PQstatus(handle) != CONNECTION_BAD else { throw lost() }
                break
            }
            switch PQresultStatus(result) {
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                flights.removeFirst()
                completed.append(flight)
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                flight.take(ResultSet(owning: result))
            default:
                let error = StorageError(result: result)
                PQclear(result)
                forgetStatement(of: flight, because: error)
                flight.fail(error)
                if error.kind == .connection { throw error }
            }
        }
        return completed
    }

    /// Blocks until the flight is answered. Throws the first error of its statements, `connection` when the connection
    /// broke and `timeout` when the deadline passed; after these two the connection is of no use any more.
    func finish(_ flight: Flight, until deadline: Deadline) throws -> [ResultSet] {
        while true {
            if try receive().contains(where: { $0 === flight }) {
                if let failure = flight.failure { throw failure }
                return flight.results
            }
            let more = try flush()
            let ready = pollDescriptors([(socket, more ? [.read, .write] : .read)], until: deadline)
            if ready[0] {
                try consume()
            } else if deadline.hasPassed {
                throw StorageError(.timeout, "no answer from PostgreSQL in time")
            }
        }
    }

    /// Sends statements and waits for their answers.
    func run(_ statements: [SQL], until deadline: Deadline) throws -> [ResultSet] {
        try finish(begin(statements), until: deadline)
    }

    func lost() -> StorageError {
        let message = String(cString: PQerrorMessage(handle))
        return StorageError(.connection, message.isEmpty ? "the connection was closed" : message)
    }

    /// A statement that failed to parse, was skipped or is stale must be prepared again.
    private func forgetStatement(of flight: Flight, because error: StorageError) {
        switch flight.currentStep {
        case .prepare(let text): prepared[text] = nil
        case .execute(let text): if error.isLostStatement { prepared[text] = nil }
        case nil: break
        }
    }

    private func sent(_ code: Int32) throws {
        guard code == 1 else { throw lost() }
    }

    /// Without a name nothing is kept of the statement, so its plan is made for these parameters.
    private func sendOnce(_ statement: SQL) -> Int32 {
        let types = statement.parameters.map(\.type.rawValue)
        return withBinary(statement.parameters) { count, values, lengths, formats in
            PQsendQueryParams(handle, statement.text, count, types, values, lengths, formats, 1)
        }
    }

    private func sendExecute(_ name: String, _ parameters: [Parameter]) -> Int32 {
        withBinary(parameters) { count, values, lengths, formats in
            PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
        }
    }

    /// Parameters go out in binary, and rows come back so. libpq copies everything before it returns.
    private func withBinary(
        _ parameters: [Parameter],
        _ send: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Int32
    ) -> Int32 {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(parameters.reduce(1) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters { bytes += parameter.bytes ?? [] }
        // An empty value still needs an address, as a null pointer would be NULL.
        bytes.append(0)
        let lengths = parameters.map { Int32($0.bytes?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: parameters.count)
        return bytes.withUnsafeBytes { buffer in
            var offset = 0
            let values = parameters.map { parameter -> UnsafePointer<CChar>? in
                guard let value = parameter.bytes else { return nil }
                defer { offset += value.count }
                return buffer.baseAddress!.advanced(by: offset).assumingMemoryBound(to: CChar.self)
            }
            return send(Int32(parameters.count), values, lengths, formats)
        }
    }
}

/// Statements that were sent together, and what has come back so far.
final class Flight {
    enum Step {
        case prepare(String)
        case execute(String)
    }

    fileprivate(set) var steps: [Step] = []
    fileprivate(set) var results: [ResultSet] = []
    /// The first error; the statements after it were skipped.
    fileprivate(set) var failure: StorageError?
    fileprivate private(set) var sawResult = false
    private var position = 0

    fileprivate init() {}

    fileprivate var currentStep: Step? { position < steps.count ? steps[position] : nil }

    fileprivate func take(_ result: ResultSet) {
        if case .execute = currentStep { results.append(result) }
        sawResult = true
    }

    fileprivate func fail(_ error: StorageError) {
        failure = failure ?? error
        sawResult = true
    }

    /// libpq ends the results of each statement with a null pointer.
    fileprivate func advance() {
        position += 1
        sawResult = false
    }
}
