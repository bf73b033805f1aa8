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
                let busy = try store(batch, over: connection)
                Self.comeAgain(busy, mailbox, because: StorageError(.timeout, "the room is locked"))
            } catch let interrupted as Interrupted {
                Self.comeAgain(interrupted.unsent, mailbox, because: interrupted.cause)
                throw interrupted.cause
            }
        }
    }

    /// The connection broke, and these messages are certainly not stored.
    private struct Interrupted: Error {
        let unsent: [Append]
        let cause: any Error
    }

    /// Messages wait for the next batch as long as somebody waits for them.
    private static func comeAgain(_ appends: [Append], _ mailbox: Mailbox<Append>, because error: any Error) {
        let now = Deadline.now
        for late in appends where late.deadline <= now { late.fail(error) }
        mailbox.putBack(appends.filter { $0.deadline > now })
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

    /// Stores a batch and returns the messages whose rooms are held by somebody else.
    private func store(_ appends: [Append], over connection: Connection) throws -> [Append] {
        var skipsLockedRooms = false
        var attempts = 0
        while true {
            attempts += 1
            // The batch is for everybody in it, so nobody's early deadline cuts it short.
            let transaction = Transaction(over: connection, until: appends.map(\.deadline).max()!)
            do {
                let batch = MessageBatch(appends.map(\.message), skippingLockedRooms: skipsLockedRooms)
                return Self.tell(appends, try batch.run(in: transaction))
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
                if (error as? StorageError)?.isLockTimeout == true, !skipsLockedRooms {
                    // One room that is held must not hold up the others.
                    skipsLockedRooms = true
                } else if !Self.mayRepeat(error) || attempts >= Limits.transactionAttemptsMax {
                    return try narrow(appends, because: error, over: connection)
                }
            }
        }
    }

    private static func tell(_ appends: [Append], _ outcomes: [MessageBatch.Outcome]) -> [Append] {
        zip(appends, outcomes).compactMap { append, outcome in
            switch outcome {
            case .busy: return append
            case .decided(let result):
                append.reply.resume(with: result)
                return nil
            }
        }
    }

    /// Deadlock and serialization come from others; a unique violation is a retry that another instance stored in the
    /// same moment, and the next attempt finds its row.
    private static func mayRepeat(_ error: any Error) -> Bool {
        guard let error = error as? StorageError else { return false }
        return error.isTransient || error.isLostStatement || error.sqlState == "23505"
    }

    /// Tries the halves of a batch that failed as a whole, until only the cause is left and is refused.
    private func narrow(
        _ appends: [Append],
        because error: any Error,
        over connection: Connection
    ) throws -> [Append] {
        guard appends.count > 1 else {
            appends[0].fail(error)
            return []
        }
        let half = appends.count / 2
        let busy: [Append]
        do {
            busy = try store(Array(appends[..<half]), over: connection)
        } catch let interrupted as Interrupted {
            throw Interrupted(unsent: interrupted.unsent + appends[half...], cause: interrupted.cause)
        }
        do {
            return busy + (try store(Array(appends[half...]), over: connection))
        } catch let interrupted as Interrupted {
            throw Interrupted(unsent: busy + interrupted.unsent, cause: interrupted.cause)
        }
    }
}
