/// A transaction in progress, confined to the thread of its connection.
///
/// BEGIN travels with the first statements, so it costs no round trip of its own.
final class Transaction {
    private let connection: Connection
    private let deadline: Deadline
    private var begun = false
    /// COMMIT was sent: if the connection breaks now, nobody knows the outcome.
    private(set) var isCommitting = false

    init(over connection: Connection, until deadline: Deadline) {
        self.connection = connection
        self.deadline = deadline
    }

    /// Runs statements in order, in one round trip, and returns what each answered.
    func run(_ statements: SQL...) throws -> [ResultSet] { try run(statements) }

    /// Runs statements in order, in one round trip, and returns what each answered.
    func run(_ statements: [SQL]) throws -> [ResultSet] {
        guard !begun else { return try connection.run(statements, until: deadline) }
        begun = true
        return Array(try connection.run(["BEGIN"] + statements, until: deadline).dropFirst())
    }

    /// Runs the statements that are there, in one round trip; nil stands for the answer of one that is not.
    func run(_ statements: [SQL?]) throws -> [ResultSet?] {
        var results = try run(statements.compactMap { $0 })[...]
        return statements.map { $0 == nil ? nil : results.removeFirst() }
    }

    /// Lets each statement of this transaction run longer than one of a person may.
    func allowStatements(_ time: Duration) throws {
        let milliseconds = time / .milliseconds(1) as Double
        _ = try run("SELECT set_config('statement_timeout', \(String(Int64(milliseconds))), true)")
    }

    /// Runs statements and ends the transaction with them. What they did is durable when this returns.
    func commit(after statements: [SQL] = []) throws -> [ResultSet] {
        guard begun || !statements.isEmpty else { return [] }
        isCommitting = true
        let all = (begun ? [] : ["BEGIN"]) + statements + ["COMMIT"]
        let results = try connection.run(all, until: deadline)
        let first = begun ? 0 : 1
        begun = false
        return Array(results[first..<results.count - 1])
    }

    /// Undoes everything. Throws only when the connection broke.
    func rollBack() throws {
        guard begun else { return }
        begun = false
        isCommitting = false
        _ = try connection.run(["ROLLBACK"], until: max(deadline, .after(.seconds(1))))
    }
}
