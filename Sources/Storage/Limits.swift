/// The bounds of everything that waits or repeats here, in one place.
package enum Limits {
    /// A call that was not answered after this time fails with `unavailable`, whatever PostgreSQL is doing.
    package static let callTimeout: Duration = .seconds(4)
    /// One attempt to connect.
    static let connectTimeout: Duration = .seconds(3)
    /// The pause after a failed attempt doubles between these two.
    static let reconnectPauseMin: Duration = .milliseconds(50)
    static let reconnectPauseMax: Duration = .seconds(1)

    // What PostgreSQL itself gives up after, in milliseconds. Shorter than the call, so that we hear why.
    static let statementTimeoutMilliseconds = 3_500
    static let lockTimeoutMilliseconds = 1_500
    /// How long the group commit waits for the rows of its rooms before it goes on without those that are held.
    static let roomLockTimeoutMilliseconds = 300
    static let idleInTransactionTimeoutMilliseconds = 10_000

    /// Connections that read, unless configured otherwise.
    package static let readersDefault = 2
    /// Queries in flight on one reading connection.
    static let pipelinedQueriesMax = 8
    /// Calls that wait for one reading connection.
    static let readsQueuedMax = 2_048
    /// Transactions that wait for the writing connection.
    static let writesQueuedMax = 1_024
    /// An image takes its time to a disk that is busy, or far away.
    static let uploadTimeout: Duration = .seconds(20)
    /// Images that wait for the connection that stores them.
    static let uploadsQueuedMax = 32
    /// Connections of the group commit. On two cores a third brings nothing.
    static let appenders = 2
    /// Messages that wait for one connection of the group commit.
    static let messagesQueuedMax = 8_192
    /// Messages in one transaction of the group commit.
    static let messagesPerBatchMax = 512
    /// A transaction that PostgreSQL gave up because of others (deadlock, serialization) is tried this often.
    static let transactionAttemptsMax = 3
    /// A query whose connection was lost, or whose prepared statement was, is sent this often.
    static let readAttemptsMax = 3

    /// A room goes at once for everybody, however much was said in it.
    static let removalTimeout: Duration = .seconds(600)

    /// Migrations may take their time: a large table is rewritten, another instance is at it.
    static let migrationTimeout: Duration = .seconds(600)
}
