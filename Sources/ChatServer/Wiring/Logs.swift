import Logging

/// Where log lines go: standard error, so that standard output stays for the supervisor.
enum Logs {
    static func bootstrap(level: Logger.Level) {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
    }
}
