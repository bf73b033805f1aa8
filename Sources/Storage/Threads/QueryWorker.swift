/// A statement that only reads, and who waits for its rows.
struct Query: DatabaseJob {
    let statement: SQL
    let deadline: Deadline
    let reply: CheckedContinuation<ResultSet, any Error>
    var attempts = 0

    func fail(_ error: any Error) { reply.resume(throwing: error) }
}

/// Keeps several queries in flight on one connection, so that a round trip is not a wait.
///
/// Each query has its own synchronisation point: one that fails does not touch the others. A query is sent again when
/// the connection broke under it, as reading twice harms nobody.
struct QueryWorker: DatabaseWorker {
    func serve(_ mailbox: Mailbox<Query>, over connection: Connection) throws {
        var inFlight: [(query: Query, flight: Flight)] = []
        do {
            while true {
                try send(
                    mailbox.take(Limits.pipelinedQueriesMax - inFlight.count),
                    mailbox,
                    over: connection,
                    &inFlight
                )
                if inFlight.isEmpty {
                    if mailbox.isClosed, mailbox.count == 0 { return }
                    try mailbox.waitForWork(over: connection)
                } else {
                    try exchange(mailbox, over: connection, until: inFlight.map(\.query.deadline).min())
                    finish(try connection.receive(), mailbox, &inFlight)
                    if inFlight.contains(where: \.query.deadline.hasPassed) {
                        throw StorageError(.timeout, "no answer from PostgreSQL in time")
                    }
                }
            }
        } catch {
            retryOrFail(inFlight.map(\.query), mailbox, error)
            throw error
        }
    }

    private func send(
        _ queries: [Query],
        _ mailbox: Mailbox<Query>,
        over connection: Connection,
        _ inFlight: inout [(query: Query, flight: Flight)]
    ) throws {
        for (index, query) in queries.enumerated() {
            do {
                inFlight.append((query, try connection.begin([query.statement])))
            } catch {
                retryOrFail(Array(queries[index...]), mailbox, error)
                throw error
            }
        }
    }

    private func exchange(_ mailbox: Mailbox<Query>, over connection: Connection, until deadline: Deadline?) throws {
        let more = try connection.flush()
        let ready = pollDescriptors(
            [(connection.socket, more ? [.read, .write] : .read), (mailbox.wakeUp.readEnd, .read)],
            until: deadline
        )
        if ready[0] { try connection.consume() }
        if ready[1] { mailbox.wakeUp.reset() }
    }

    private func finish(
        _ completed: [Flight],
        _ mailbox: Mailbox<Query>,
        _ inFlight: inout [(query: Query, flight: Flight)]
    ) {
        for flight in completed {
            // Flights are answered in the order in which they were sent.
            let query = inFlight.removeFirst().query
            if let failure = flight.failure {
                if failure.isLostStatement {
                    retryOrFail([query], mailbox, failure)
                } else {
                    query.fail(failure)
                }
            } else {
                query.reply.resume(returning: flight.results[0])
            }
        }
    }

    private func retryOrFail(_ queries: [Query], _ mailbox: Mailbox<Query>, _ error: any Error) {
        var again: [Query] = []
        for var query in queries {
            query.attempts += 1
            if query.attempts < Limits.readAttemptsMax, !query.deadline.hasPassed {
                again.append(query)
            } else {
                query.fail(error)
            }
        }
        mailbox.putBack(again)
    }
}
