import Domain

/// A message to be stored, and who waits for the row.
struct Append: DatabaseJob {
    let message: NewMessage
    let deadline: Deadline
    let reply: CheckedContinuation<SendReceipt, any Error>

    func fail(_ error: any Error) { reply.resume(throwing: error) }
}

/// The group commit: whatever waits when the connection becomes free goes into one transaction.
///
/// A lone message is therefore not delayed, and under load the cost of a commit is shared by as many as came during
/// the one before. Whatever makes a batch as a whole fail is narrowed down by halves until only its cause is refused.
struct MessageWorker: DatabaseWorker {
    func serve(_ mailbox: Mailbox<Append>, over connection: Connection) throws {
        while true {
            let waiting = mailbox.take(Limits.messagesPerBatchMax)
            guard !waiting.isEmpty else {
                if mailbox.isClosed { return }
                try mailbox.waitForWork(over: connection)
                continue
            }
            let (batch, repeated) = Self.withoutRepeatedKeys(waiting)
            mailbox.putBack(repeated)
            do {
                try store(batch, over: connection)
            } catch let interrupted as Interrupted {
                mailbox.putBack(interrupted.unsent.filter { !$0.deadline.hasPassed })
                for late in interrupted.unsent where late.deadline.hasPassed { late.fail(interrupted.cause) }
                throw interrupted.cause
            }
        }
    }

    /// The connection broke, and these messages are certainly not stored.
    private struct Interrupted: Error {
        let unsent: [Append]
        let cause: any Error
    }

    /// A key that waits twice is decided one after the other: the second finds the row of the first.
    private static func withoutRepeatedKeys(_ waiting: [Append]) -> (batch: [Append], repeated: [Append]) {
        struct Key: Hashable {
            let author: UserID
            let client: ClientID
        }
        var seen: Set<Key> = []
        var batch: [Append] = []
        var repeated: [Append] = []
        for append in waiting {
            if seen.insert(Key(author: append.message.author, client: append.message.draft.clientID)).inserted {
                batch.append(append)
            } else {
                repeated.append(append)
            }
        }
        return (batch, repeated)
    }

    private func store(_ appends: [Append], over connection: Connection) throws {
        for attempt in 1... {
            // The batch is for everybody in it, so nobody's early deadline cuts it short.
            let transaction = Transaction(over: connection, until: appends.map(\.deadline).max()!)
            do {
                let outcomes = try MessageBatch(appends.map(\.message)).run(in: transaction)
                for (append, outcome) in zip(appends, outcomes) { append.reply.resume(with: outcome) }
                return
            } catch let error as StorageError where error.kind == .connection || error.kind == .timeout {
                guard transaction.isCommitting else { throw Interrupted(unsent: appends, cause: error) }
                // Stored or not, nobody knows; the senders come again with the same client id and find out.
                appends.forEach { $0.fail(error) }
                throw Interrupted(unsent: [], cause: error)
            } catch {
                do {
                    try transaction.rollBack()
                } catch let broken {
                    throw Interrupted(unsent: appends, cause: broken)
                }
                if Self.mayRepeat(error), attempt < Limits.transactionAttemptsMax { continue }
                return try narrow(appends, because: error, over: connection)
            }
        }
    }

    /// Deadlock and serialization come from others; a unique violation is a retry that another instance stored in the
    /// same moment, and the next attempt finds its row.
    private static func mayRepeat(_ error: any Error) -> Bool {
        guard let error = error as? StorageError else { return false }
        return error.isTransient || error.isLostStatement || error.sqlState == "23505"
    }

    private func narrow(_ appends: [Append], because error: any Error, over connection: Connection) throws {
        if appends.count == 1 { return appends[0].fail(error) }
        let late = appends.filter(\.deadline.hasPassed)
        late.forEach { $0.fail(error) }
        let rest = appends.filter { append in !late.contains { $0.message.id == append.message.id } }
        guard !rest.isEmpty else { return }
        let half = (rest.count + 1) / 2
        do {
            try store(Array(rest[..<half]), over: connection)
        } catch let interrupted as Interrupted {
            throw Interrupted(unsent: interrupted.unsent + rest[half...], cause: interrupted.cause)
        }
        if half < rest.count { try store(Array(rest[half...]), over: connection) }
    }
}
