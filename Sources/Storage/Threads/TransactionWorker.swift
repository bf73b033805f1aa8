/// A transaction as a synchronous closure, and who waits for its outcome.
struct Write: DatabaseJob {
    let deadline: Deadline
    /// Runs the statements without COMMIT, and returns how to hand over the result once it is durable.
    let body: @Sendable (Transaction) throws -> @Sendable () -> Void
    let onFailure: @Sendable (any Error) -> Void

    func fail(_ error: any Error) { onFailure(error) }
}

/// Runs one transaction after the other. One that PostgreSQL gave up because of others runs again, and so does one
/// whose connection broke before COMMIT was sent; after that the outcome is unknown, and the caller hears so.
struct TransactionWorker: DatabaseWorker {
    func serve(_ mailbox: Mailbox<Write>, over connection: Connection) throws {
        while true {
            guard let write = mailbox.take(1).first else {
                if mailbox.isClosed { return }
                try mailbox.waitForWork(over: connection)
                continue
            }
            try run(write, mailbox, over: connection)
        }
    }

    private func run(_ write: Write, _ mailbox: Mailbox<Write>, over connection: Connection) throws {
        for attempt in 1... {
            let transaction = Transaction(over: connection, until: write.deadline)
            do {
                let handOver = try write.body(transaction)
                _ = try transaction.commit()
                return handOver()
            } catch let error as StorageError where error.kind == .connection || error.kind == .timeout {
                if transaction.isCommitting || write.deadline.hasPassed {
                    write.fail(error)
                } else {
                    mailbox.putBack([write])
                }
                throw error
            } catch {
                do {
                    try transaction.rollBack()
                } catch let broken {
                    write.fail(error)
                    throw broken
                }
                let storage = error as? StorageError
                let again = storage?.isTransient == true || storage?.isLostStatement == true
                guard again, attempt < Limits.transactionAttemptsMax, !write.deadline.hasPassed else {
                    return write.fail(error)
                }
            }
        }
    }
}
