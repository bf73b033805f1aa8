import CPostgres

extension Connection {
    /// Connects, sets the timeouts, takes on the application's role, and refuses a server that may lose what it confirmed.
    ///
    /// Blocks this thread at most until the deadline, apart from a slow name server, which libpq asks synchronously.
    /// Throws `connection`, `timeout` or `unsafe`.
    static func open(
        _ info: ConnectionInfo,
        lockTimeoutMilliseconds: Int = Limits.lockTimeoutMilliseconds,
        planning: Planning = .forEachCall,
        until deadline: Deadline
    ) throws -> Connection {
        let connection = try connect(info, until: deadline)
        let settings = try connection.run(
            [
                """
                SELECT set_config('statement_timeout', \("\(Limits.statementTimeoutMilliseconds)"), false),
                       set_config('lock_timeout', \("\(lockTimeoutMilliseconds)"), false),
                       set_config('idle_in_transaction_session_timeout',
                                  \("\(Limits.idleInTransactionTimeoutMilliseconds)"), false),
                       set_config('plan_cache_mode', \(planning.cacheMode), false),
                       set_config('enable_seqscan', \(planning.joinsAnyhow), false),
                       set_config('enable_hashjoin', \(planning.joinsAnyhow), false),
                       set_config('enable_mergejoin', \(planning.joinsAnyhow), false),
                       set_config('timezone', 'UTC', false)
                """,
                ApplicationRole.assume,
                "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')",
            ],
            until: deadline
        )
        try settings[2].first { row in
            for name in ["fsync", "full_page_writes", "synchronous_commit"] {
                guard try row.read(String.self) != "off" else {
                    throw StorageError(
                        .unsafe,
                        "\(info) has \(name) off, so it can lose messages that were confirmed; set it to on"
                    )
                }
            }
        }
        return connection
    }

    /// When and how PostgreSQL plans a prepared statement.
    enum Planning {
        /// For each call where that promises more than it costs, and in the way that statistics promise most of.
        case forEachCall
        /// Once, with nothing but lookups by key. For the statements of the group commit, which know the keys of all
        /// they touch: planning one of them takes longer than running it for a lone message, and a table that is small
        /// by its statistics, so that reading all of it looks cheap, is full of dead rows a moment later.
        case onceByKey

        fileprivate var cacheMode: String { self == .onceByKey ? "force_generic_plan" : "auto" }
        fileprivate var joinsAnyhow: String { self == .onceByKey ? "off" : "on" }
    }

    /// Connects and enters pipeline mode; no settings are changed and nothing is checked.
    static func connect(_ info: ConnectionInfo, until deadline: Deadline) throws -> Connection {
        var info = info
        info.setDefault("application_name", to: "chat")
        info.set("client_encoding", to: "UTF8")
        // A peer that vanished without a word is noticed by TCP, not only by our deadlines.
        info.setDefault("keepalives_idle", to: "30")
        info.setDefault("keepalives_interval", to: "5")
        info.setDefault("keepalives_count", to: "3")
        guard let handle = PQconnectStart(info.connectionString) else {
            throw StorageError(.connection, "out of memory")
        }
        let connection = Connection(owning: handle)
        connection.takeNotices()
        guard PQstatus(handle) != CONNECTION_BAD else { throw connection.lost() }
        var interest: PollInterest = .write
        while true {
            let ready = pollDescriptors([(connection.socket, interest)], until: deadline)
            guard ready[0] || !deadline.hasPassed else {
                throw StorageError(.timeout, "\(info) does not answer")
            }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_OK:
                guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else {
                    throw connection.lost()
                }
                return connection
            case PGRES_POLLING_READING: interest = .read
            case PGRES_POLLING_WRITING: interest = .write
            default: throw connection.lost()
            }
        }
    }
}
