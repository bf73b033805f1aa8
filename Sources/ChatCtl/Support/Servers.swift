import Credentials
import Domain
import Fleet
import Foundation
import Logging
import NIOPosix
import Redis
import Storage

/// The PostgreSQL and Redis that a command works on, opened only when it needs them.
struct Servers: Sendable {
    let databaseURL: String?
    let redisURL: String?
    let webhookNetworks: WebhookNetworks

    /// Takes the configured addresses, else those of the private servers that `chatctl up` runs.
    static func locate(_ global: GlobalOptions) async throws -> Servers {
        let settings = try await Settings.load(global)
        let data = global.dataDirectory
        // Without a supervisor the state is that of a dead one.
        let state = try data.supervisor() == nil ? nil : SupervisorState.read(data)
        return Servers(
            databaseURL: settings.databaseURL ?? state?.databaseURL,
            redisURL: settings.redisURL ?? state?.redisURL,
            webhookNetworks: settings.webhookNetworks
        )
    }

    /// Runs `body` with the use cases of the chat.
    ///
    /// - Throws: `Failure` (unavailable) when PostgreSQL cannot be reached, and what `body` throws.
    func withChat<Value: Sendable>(_ body: @Sendable (Chat) async throws -> Value) async throws -> Value {
        try await withAll { chat, _ in try await body(chat) }
    }

    /// Runs `body` with the tables themselves, for what is no use case of the chat.
    func withDatabase<Value: Sendable>(_ body: @Sendable (Database) async throws -> Value) async throws -> Value {
        guard let databaseURL else { throw Self.notRunning("database") }
        return try await Self.withDatabase(databaseURL, body)
    }

    /// Runs `body` with the use cases and with the tables, for commands that need both.
    func withAll<Value: Sendable>(_ body: @Sendable (Chat, Database) async throws -> Value) async throws -> Value {
        let policy = ChatPolicy(webhookNetworks: webhookNetworks)
        return try await withDatabase { database in try await body(Self.chat(database, policy), database) }
    }

    static func chat(_ database: Database, _ policy: ChatPolicy = ChatPolicy()) -> Chat {
        Chat(database.stores, passwords: PasswordHasher(), tokens: TokenIssuer(), policy: policy)
    }

    static func withChat<Value: Sendable>(
        _ databaseURL: String,
        _ body: @Sendable (Chat) async throws -> Value
    ) async throws -> Value {
        try await withDatabase(databaseURL) { database in try await body(chat(database)) }
    }

    static func withDatabase<Value: Sendable>(
        _ databaseURL: String,
        _ body: @Sendable (Database) async throws -> Value
    ) async throws -> Value {
        let database = try Database(url: databaseURL, readers: 1, logger: logger)
        return try await Database.withDatabase(database) { database in
            // Says why it cannot be reached, which the use cases keep to themselves.
            try await database.verify()
            return try await body(database)
        }
    }

    /// Runs `body` with a client of Redis.
    func withRedis<Value: Sendable>(
        patience: Duration = .seconds(3),
        _ body: @Sendable (RedisClient) async throws -> Value
    ) async throws -> Value {
        guard let redisURL else { throw Self.notRunning("Redis") }
        return try await Self.withRedis(redisURL, patience: patience, body)
    }

    static func withRedis<Value: Sendable>(
        _ url: String,
        patience: Duration = .seconds(3),
        _ body: @Sendable (RedisClient) async throws -> Value
    ) async throws -> Value {
        let configuration = try RedisConfiguration(url: url)
        var limits = RedisLimits()
        limits.commandTimeout = patience
        return try await RedisClient.withClient(
            configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            limits: limits,
            logger: logger
        ) { redis in
            do { _ = try await redis.command("PING") } catch is RedisError {
                throw Failure(
                    .unavailable,
                    "cannot reach Redis at \(configuration)",
                    hint: "is Redis running, and is REDIS_URL right?"
                )
            }
            return try await body(redis)
        }
    }

    /// Who changes things: the system user, with the machine.
    static var actor: Actor {
        .system(name: "os:\(SystemUser.caller)@\(hostName) via chatctl")
    }

    /// As the machine calls itself; asking DNS could take seconds.
    private static var hostName: String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Libraries say what went wrong with errors; a command line has no use for their logs, unless it looks for a bug.
    static let logger: Logger = {
        guard CommandLine.arguments.contains(where: { $0 == "-d" || $0 == "--debug" }) else {
            return Logger(label: "chatctl") { _ in SwiftLogNoOpLogHandler() }
        }
        var logger = Logger(label: "chatctl") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .debug
        return logger
    }()

    private static func notRunning(_ what: String) -> Failure {
        Failure(
            .unavailable,
            "there is no \(what): the chat is not up",
            hint: "start it: \(Programs.asTyped) up, or set \(what == "Redis" ? "REDIS_URL" : "DATABASE_URL")"
        )
    }
}
