import Domain
import Redis
import ServerSettings
import Storage

extension Failure {
    /// The layers' errors as failures; nil for an error that is none of theirs.
    init?(layer error: any Error) {
        switch error {
        case let error as ChatError: self.init(error)
        case let error as StorageError: self.init(error)
        case let error as RedisError: self.init(error)
        case let error as SettingError: self.init(.configuration, error.message)
        default: return nil
        }
    }

    private init(_ error: ChatError) {
        let kind: Kind =
            switch error {
            case .invalid, .tooLarge, .idempotencyMismatch, .archived: .invalid
            case .conflict: .exists
            case .notFound: .notFound
            case .unauthenticated, .wrongCredentials, .forbidden, .banned: .notPermitted
            case .rateLimited: .timeout
            case .unavailable: .unavailable
            case .internal: .internalError
            }
        self.init(kind, error.message)
    }

    private init(_ error: StorageError) {
        switch error.kind {
        case .connection, .timeout, .overloaded:
            self.init(
                .unavailable,
                "cannot use the database: \(Self.firstLine(of: error.detail))",
                hint: "is PostgreSQL running, and is DATABASE_URL right?"
            )
        case .unsafe:
            self.init(.configuration, error.detail)
        case .configuration:
            self.init(.configuration, error.detail)
        case .server where error.sqlState == "42P01":
            self.init(.configuration, "the database has no tables yet", hint: "\(Programs.asTyped) db migrate")
        case .server, .decoding:
            self.init(internal: error)
        }
    }

    /// libpq says more in further lines, which repeat what the hint says.
    private static func firstLine(of text: String) -> String {
        text.split(separator: "\n").first.map(String.init) ?? text
    }

    private init(_ error: RedisError) {
        switch error {
        case .invalidURL, .invalidTLS: self.init(.configuration, "REDIS_URL: \(error)")
        case .timeout, .connectionLost, .overloaded, .closed:
            self.init(.unavailable, "cannot use Redis: \(error)", hint: "is Redis running, and is REDIS_URL right?")
        case .server, .protocolViolation, .unexpectedReply: self.init(internal: error)
        }
    }
}
