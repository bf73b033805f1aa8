import Configuration
import Domain
import EngineIO
import Foundation
import Logging
import Redis
import SocketIORedis
import SystemPackage

/// What an instance is told from outside: the environment, and behind it a `.env` file in the working directory.
struct ServerConfiguration: Sendable {
    var databaseURL: String
    var redis: RedisConfiguration?
    /// Whether broadcasts go to the other instances through Redis.
    var usesRedisAdapter: Bool
    /// The form that all instances, and Node servers among them, speak to each other.
    var redisAdapterForm: RedisAdapterOptions.Form
    /// Whether the instance was told to keep its live messages to itself, to show what a fleet is without an adapter.
    var isAlone: Bool
    var host: String
    var port: Int
    var privateHost: String
    var privatePort: Int
    var instanceID: String
    /// Authenticates the requests that instances relay to each other; without it none are relayed.
    var fleetSecret: String?
    var allowedOrigins: Set<String>
    /// The proxies whose word about the client's address and TLS is taken.
    var trustedProxies: TrustedProxies
    /// Who may make an account of their own.
    var signUp: ChatPolicy.SignUp
    /// Sockets of one person on this instance, at most.
    var socketsPerUserMax: Int
    /// Time between two comparisons of the sockets' sessions with the database.
    var sessionRecheckInterval: Duration
    var publicFolder: String
    /// The folder of migrations that this program was made for.
    var migrationsFolder: String
    var logLevel: Logger.Level
    /// Over which time clients are sent to other instances when this one is told to stop.
    var drainSpread: Duration
    /// How much one person may do in what time.
    var limits: RateLimits

    /// What `session:ready` and the registry call the adapter.
    var adapterName: String { usesRedisAdapter ? "redis" : "none" }

    /// Reads the environment.
    ///
    /// - Throws: `StartupError` naming the variable that is missing or wrong.
    static func load() async throws -> ServerConfiguration {
        do {
            let environment = EnvironmentVariablesProvider()
            let path = ProcessInfo.processInfo.environment["CHAT_CONFIG_FILE"] ?? ".env"
            guard !path.isEmpty else { return try ServerConfiguration(ConfigReader(providers: [environment])) }
            let file = try await EnvironmentVariablesProvider(environmentFilePath: FilePath(path), allowMissing: true)
            return try ServerConfiguration(ConfigReader(providers: [environment, file]))
        } catch let error as StartupError {
            throw error
        } catch {
            throw StartupError.configuration("cannot read .env: \(error)")
        }
    }

    init(_ config: ConfigReader) throws {
        guard let databaseURL = config.string(forKey: "database.url", isSecret: true), !databaseURL.isEmpty else {
            throw StartupError.configuration("DATABASE_URL is not set; `chatctl up` sets it for you")
        }
        self.databaseURL = databaseURL
        redis = try Self.redis(config)
        isAlone = !config.bool(forKey: "use.redis.adapter", default: true)
        usesRedisAdapter = redis != nil && !isAlone
        let form = config.string(forKey: "redis.adapter", default: "classic")
        guard let redisAdapterForm = RedisAdapterOptions.Form(name: form) else {
            throw StartupError.configuration("REDIS_ADAPTER is \"\(form)\"; use classic or sharded")
        }
        self.redisAdapterForm = redisAdapterForm
        host = config.string(forKey: "host", default: "127.0.0.1")
        port = try Self.port(config, "port", default: 3000)
        privateHost = config.string(forKey: "private.host", default: "127.0.0.1")
        privatePort = try Self.port(config, "private.port", default: 0)
        instanceID = try Self.instanceID(config)
        fleetSecret = try Self.fleetSecret(config)
        allowedOrigins = Set(
            config.string(forKey: "allowed.origins", default: "")
                .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        )
        trustedProxies = try Self.trustedProxies(config)
        signUp = try Self.signUp(config)
        socketsPerUserMax = try Self.positive(config, "sockets.per.user.max", default: 50)
        let recheck = Int(SessionRecheck.intervalDefault.components.seconds)
        sessionRecheckInterval = .seconds(try Self.positive(config, "session.recheck.seconds", default: recheck))
        publicFolder = config.string(forKey: "public.dir", default: "Public")
        migrationsFolder = config.string(forKey: "migrations.dir", default: "migrations")
        let level = config.string(forKey: "log.level", default: "info")
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw StartupError.configuration("LOG_LEVEL is \"\(level)\"; use one of \(Logger.Level.names)")
        }
        self.logLevel = logLevel
        let spread = config.int(forKey: "drain.spread.ms", default: 5_000)
        guard (0...3_600_000).contains(spread) else {
            throw StartupError.configuration("DRAIN_SPREAD_MS is \(spread); it must be from 0 to 3600000")
        }
        drainSpread = .milliseconds(spread)
        limits = try Self.limits(config)
    }

    /// `LIMIT_…` are acts in a minute; 0 switches a limit off.
    private static func limits(_ config: ConfigReader) throws -> RateLimits {
        var limits = RateLimits()
        func read(_ key: ConfigKey, _ limit: inout RateLimit) throws {
            guard let perMinute = config.int(forKey: key) else { return }
            guard perMinute >= 0 else { throw StartupError.configuration("\(key) is a number of acts in a minute") }
            limit = RateLimit(perMinute: perMinute)
        }
        try read("limit.sends", &limits.sends)
        try read("limit.sends.per.room", &limits.sendsPerRoom)
        try read("limit.joins", &limits.joins)
        try read("limit.searches", &limits.searches)
        try read("limit.rooms.made", &limits.roomsMade)
        return limits
    }

    private static func redis(_ config: ConfigReader) throws -> RedisConfiguration? {
        guard let url = config.string(forKey: "redis.url", isSecret: true), !url.isEmpty else { return nil }
        do {
            return try RedisConfiguration(url: url)
        } catch {
            throw StartupError.configuration("REDIS_URL: \(error)")
        }
    }

    private static func trustedProxies(_ config: ConfigReader) throws -> TrustedProxies {
        let text = config.string(forKey: "trusted.proxies", default: "")
        let ranges = try text.split(separator: ",").map { part in
            let part = part.trimmingCharacters(in: .whitespaces)
            guard let range = AddressRange(part) else {
                throw StartupError.configuration("TRUSTED_PROXIES: \(part) is no address and no network")
            }
            return range
        }
        return TrustedProxies(ranges: ranges)
    }

    private static func signUp(_ config: ConfigReader) throws -> ChatPolicy.SignUp {
        let text = config.string(forKey: "signup", default: ChatPolicy.SignUp.invite.rawValue)
        guard let policy = ChatPolicy.SignUp(rawValue: text) else {
            throw StartupError.configuration("SIGNUP is \"\(text)\"; use one of open, invite, closed")
        }
        return policy
    }

    private static func positive(_ config: ConfigReader, _ key: ConfigKey, default value: Int) throws -> Int {
        let number = config.int(forKey: key, default: value)
        guard number > 0 else {
            throw StartupError.configuration("\(number) is too small; it has to be 1 or more")
        }
        return number
    }

    private static func port(_ config: ConfigReader, _ key: ConfigKey, default value: Int) throws -> Int {
        let port = config.int(forKey: key, default: value)
        guard (0...65_535).contains(port) else {
            throw StartupError.configuration("\(port) is no TCP port")
        }
        return port
    }

    /// An id is part of each session id, so only characters that need no encoding in a URL are taken.
    private static func instanceID(_ config: ConfigReader) throws -> String {
        guard let id = config.string(forKey: "instance.id"), !id.isEmpty else {
            // Easy to type: people name instances to chatctl.
            return "i-" + String((0..<6).map { _ in "0123456789abcdefghijklmnopqrstuvwxyz".randomElement()! })
        }
        guard id.count <= 64, id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        else {
            throw StartupError.configuration("INSTANCE_ID may hold up to 64 letters, digits, - and _")
        }
        return id
    }

    private static func fleetSecret(_ config: ConfigReader) throws -> String? {
        guard let path = config.string(forKey: "fleet.secret.file"), !path.isEmpty else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw StartupError.configuration("FLEET_SECRET_FILE \(path) cannot be read")
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard secret.utf8.count >= 32 else {
            throw StartupError.configuration("the secret in \(path) is shorter than 32 bytes")
        }
        return secret
    }
}

extension Logger.Level {
    fileprivate static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
