import CPostgres

extension Connection {
    /// Runs a file of statements that is part of this program, such as a migration. It takes no values.
    ///
    /// Several statements in one text need the simple protocol, which pipeline mode does not have, so that is left for
    /// the while. Only for a connection with nothing in flight.
    func execute(script: String, until deadline: Deadline) throws {
        precondition(flights.isEmpty, "a script runs alone")
        guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, script) == 1 else { throw lost() }
        var failure: StorageError?
        while let result = try nextResult(until: deadline) {
            switch PQresultStatus(result) {
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
                failure = failure ?? StorageError(result: result)
            default: break
            }
            PQclear(result)
        }
        guard PQenterPipelineMode(handle) == 1 else { throw lost() }
        if let failure { throw failure }
    }

    private func nextResult(until deadline: Deadline) throws -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            let more = try flush()
            let ready = pollDescriptors([(socket, more ? [.read, .write] : .read)], until: deadline)
            if ready[0] {
                try consume()
            } else if deadline.hasPassed {
                throw StorageError(.timeout, "no answer from PostgreSQL in time")
            }
        }
        return PQgetResult(handle)
    }
}
