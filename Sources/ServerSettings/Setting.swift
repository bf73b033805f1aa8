import Configuration
import Domain

/// What an instance can be told from outside, by the name of its environment variable.
package enum Setting: String, CaseIterable, Sendable {
    case databaseURL = "DATABASE_URL"
    case redisURL = "REDIS_URL"
    case usesRedisAdapter = "USE_REDIS_ADAPTER"
    case redisAdapter = "REDIS_ADAPTER"
    case host = "HOST"
    case port = "PORT"
    case privateHost = "PRIVATE_HOST"
    case privatePort = "PRIVATE_PORT"
    case allowedOrigins = "ALLOWED_ORIGINS"
    case trustedProxies = "TRUSTED_PROXIES"
    case webhookAllowedNetworks = "WEBHOOK_ALLOWED_NETWORKS"
    case signUp = "SIGNUP"
    case attachmentBytesMax = "ATTACHMENT_BYTES_MAX"
    case socketsPerUserMax = "SOCKETS_PER_USER_MAX"
    case sessionRecheckSeconds = "SESSION_RECHECK_SECONDS"
    case drainSpreadMs = "DRAIN_SPREAD_MS"
    case logLevel = "LOG_LEVEL"
    case limitSends = "LIMIT_SENDS"
    case limitSendsPerRoom = "LIMIT_SENDS_PER_ROOM"
    case limitJoins = "LIMIT_JOINS"
    case limitSearches = "LIMIT_SEARCHES"
    case limitRoomsMade = "LIMIT_ROOMS_MADE"
    case limitUploads = "LIMIT_UPLOADS"
    case fleetSecretFile = "FLEET_SECRET_FILE"
    case publicFolder = "PUBLIC_DIR"
    case migrationsFolder = "MIGRATIONS_DIR"
    case instanceID = "INSTANCE_ID"

    /// What counts when it is not set; nil where being without it means something of its own.
    package var standard: String? {
        let limits = RateLimits()
        return switch self {
        case .databaseURL, .redisURL, .allowedOrigins, .trustedProxies, .webhookAllowedNetworks, .fleetSecretFile,
            .instanceID:
            nil
        case .usesRedisAdapter: "true"
        case .redisAdapter: "classic"
        case .host, .privateHost: "127.0.0.1"
        case .port: "3000"
        case .privatePort: "0"
        case .signUp: ChatPolicy.SignUp.invite.rawValue
        case .attachmentBytesMax: String(ChatPolicy.attachmentBytesMaxDefault)
        case .socketsPerUserMax: "50"
        case .sessionRecheckSeconds: "30"
        case .drainSpreadMs: "5000"
        case .logLevel: "info"
        case .limitSends: String(limits.sends.perMinute)
        case .limitSendsPerRoom: String(limits.sendsPerRoom.perMinute)
        case .limitJoins: String(limits.joins.perMinute)
        case .limitSearches: String(limits.searches.perMinute)
        case .limitRoomsMade: String(limits.roomsMade.perMinute)
        case .limitUploads: String(limits.uploads.perMinute)
        case .publicFolder: "Public"
        case .migrationsFolder: "migrations"
        }
    }

    /// Whether a password can stand in it.
    package var isSecret: Bool { self == .databaseURL || self == .redisURL }

    var key: ConfigKey { ConfigKey(rawValue.lowercased().split(separator: "_").map(String.init)) }
}

/// A setting that cannot be used.
package struct SettingError: Error, Sendable, Equatable {
    package let setting: Setting
    /// What is wrong with it, with its name.
    package let message: String

    init(_ setting: Setting, _ message: String) {
        self.setting = setting
        self.message = "\(setting.rawValue) \(message)"
    }
}
