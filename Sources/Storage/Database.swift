import Domain
package import Logging

/// PostgreSQL as the chat uses it: a few connections for the group commit of messages, one for images, one for all
/// other transactions, and a few that read.
///
/// `run` owns the connections. A call made before it waits for it; every call ends within `Limits.callTimeout`, with
/// `ChatError.unavailable` when PostgreSQL is down, overloaded or does not say whether it committed. A call that was
/// begun runs to its end: cancelling the task that waits for it changes nothing for anybody.
package final class Database: Sendable {
    /// Where this is, without the password.
    package let info: ConnectionInfo
    let readers: [ConnectionThread<QueryWorker>]
    let writer: ConnectionThread<TransactionWorker>
    let uploader: ConnectionThread<TransactionWorker>
    /// Each has its rooms, so that they never wait for each other's locks, and one computes while another one's commit
    /// is written.
    let appenders: [ConnectionThread<MessageWorker>]

    /// A database at a libpq URI or connection string. Connects when it is run. Throws `StorageError`, kind
    /// `configuration`, when the text is not valid.
    package convenience init(url: String, readers: Int = Limits.readersDefault, logger: Logger) throws {
        try self.init(ConnectionInfo(url), readers: readers, logger: logger)
    }

    /// A database at a place that was parsed before.
    package init(_ info: ConnectionInfo, readers: Int = Limits.readersDefault, logger: Logger) {
        precondition(readers > 0, "a database needs a connection that reads")
        self.info = info
        self.readers = (1...readers).map { number in
            ConnectionThread(
                name: "db-read-\(number)",
                info: info,
                queuedMax: Limits.readsQueuedMax,
                worker: QueryWorker(),
                logger: logger
            )
        }
        writer = ConnectionThread(
            name: "db-write",
            info: info,
            queuedMax: Limits.writesQueuedMax,
            worker: TransactionWorker(),
            logger: logger
        )
        uploader = ConnectionThread(
            name: "db-upload",
            info: info,
            queuedMax: Limits.uploadsQueuedMax,
            worker: TransactionWorker(),
            logger: logger
        )
        appenders = (1...Limits.appenders).map { number in
            ConnectionThread(
                name: "db-append-\(number)",
                info: info,
                queuedMax: Limits.messagesQueuedMax,
                lockTimeoutMilliseconds: Limits.roomLockTimeoutMilliseconds,
                planning: .onceByKey,
                worker: MessageWorker(),
                logger: logger
            )
        }
    }

    /// Keeps the connections until the task is cancelled; then finishes what waits, refuses the rest, and closes.
    package func run() async {
        await withTaskCancellationHandler {
            await withTaskGroup { group in
                for reader in readers { group.addTask { await reader.run() } }
                group.addTask { await self.writer.run() }
                group.addTask { await self.uploader.run() }
                for appender in appenders { group.addTask { await appender.run() } }
            }
        } onCancel: {
            close()
        }
    }

    /// Finishes what waits and takes no more; `run` returns then.
    package func close() {
        for reader in readers { reader.mailbox.close() }
        writer.mailbox.close()
        uploader.mailbox.close()
        for appender in appenders { appender.mailbox.close() }
    }
}

extension Database {
    /// Sends one statement that only reads, on the connection with the least to do.
    func read<Value>(_ statement: SQL, _ decoder: (inout Row) throws -> Value) async throws -> [Value] {
        do {
            return try await rows(statement).decode(decoder)
        } catch {
            throw outward(error)
        }
    }

    /// The rows of a statement that only reads, not decoded. Throws `StorageError`.
    func rows(_ statement: SQL) async throws -> ResultSet {
        let reader = readers.min { $0.mailbox.count < $1.mailbox.count }!
        return try await withCheckedThrowingContinuation { reply in
            let query = Query(statement: statement, deadline: .after(Limits.callTimeout), reply: reply)
            do { try reader.mailbox.put(query) } catch { query.fail(error) }
        }
    }

    /// Runs `body` in a transaction on the writing connection's thread, and returns what it returned once that is
    /// durable. `body` may run more than once, always from a clean start; an error that it throws undoes everything.
    ///
    /// - Parameters:
    ///   - patience: More than usual is for the owner of the machine, who waits for it: everybody else's transactions of
    ///     this process wait behind it.
    ///   - thread: Another connection than the one that writes everything.
    func write<Value: Sendable>(
        patience: Duration = Limits.callTimeout,
        over thread: ConnectionThread<TransactionWorker>? = nil,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await withCheckedThrowingContinuation { (reply: CheckedContinuation<Value, any Error>) in
                let write = Write(
                    deadline: .after(patience),
                    body: { transaction in
                        if patience > Limits.callTimeout { try transaction.allowStatements(patience) }
                        let value = try body(transaction)
                        return { reply.resume(returning: value) }
                    },
                    onFailure: { reply.resume(throwing: $0) }
                )
                do { try (thread ?? writer).mailbox.put(write) } catch { write.fail(error) }
            }
        } catch {
            throw outward(error)
        }
    }

    /// How many messages wait for the group commit.
    var messagesWaiting: Int { appenders.reduce(0) { $0 + $1.mailbox.count } }

    /// Gives a message to the group commit.
    func append(_ message: NewMessage) async throws -> SendReceipt {
        let appender = appenders[Int(UInt(bitPattern: message.draft.room.hashValue) % UInt(appenders.count))]
        do {
            return try await withCheckedThrowingContinuation { reply in
                let append = Append(message: message, deadline: .after(Limits.callTimeout), reply: reply)
                do { try appender.mailbox.put(append) } catch { append.fail(error) }
            }
        } catch {
            throw outward(error)
        }
    }
}
