import CPostgres

extension Connection {
    /// What PostgreSQL says beside its answers.
    struct Notice {
        /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`, in no other language.
        let severity: String
        let message: String

        var isWarning: Bool { severity == "WARNING" }
    }

    /// Hands notices to `onNotice`. libpq would print them on stderr, which belongs to the log.
    func takeNotices() {
        // The connection owns the handle and ends it, so the pointer is good for as long as libpq has it.
        _ = PQsetNoticeReceiver(
            handle,
            { connection, result in
                guard let connection, let result else { return }
                let taker = Unmanaged<Connection>.fromOpaque(connection).takeUnretainedValue()
                taker.onNotice?(Notice(result))
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }
}

extension Connection.Notice {
    fileprivate init(_ result: OpaquePointer) {
        severity = ResultField.severity.read(from: result) ?? ""
        message = ResultField.message.read(from: result) ?? ""
    }
}
