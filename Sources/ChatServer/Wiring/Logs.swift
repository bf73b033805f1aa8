import Domain
import Logging
import Synchronization

/// Where log lines go: standard error, so that standard output stays for the supervisor.
enum Logs {
    private static let current = Mutex(Logger.Level.info)

    /// The least severe level that is written. May change while the instance runs.
    static var level: Logger.Level {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }

    static func bootstrap(level: Logger.Level) {
        Self.level = level
        LoggingSystem.bootstrap { label in LevelledHandler(StreamLogHandler.standardError(label: label)) }
    }
}

/// Asks for the level at each line, instead of keeping the one that was set when the logger was made.
private struct LevelledHandler: LogHandler {
    private var base: StreamLogHandler

    init(_ base: StreamLogHandler) {
        self.base = base
        self.base.logLevel = .trace
    }

    var logLevel: Logger.Level {
        get { Logs.level }
        set {}
    }
    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        var event = event
        event.message = "\(LogText.line(event.message.description))"
        event.metadata = event.metadata?.mapValues { .string(LogText.line($0.description)) }
        base.log(event: event)
    }
}

/// What strangers send stands in the log too, and must not look like a line of its own.
enum LogText {
    /// The text with every control character written as its escape.
    static func line(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return text }
        return String(text.unicodeScalars.flatMap { $0.isControl ? Array($0.escaped(asASCII: true)) : [Character($0)] })
    }
}
