package import Domain
import Foundation
package import Logging
package import Redis
package import SocketIORedis

/// What an instance is told from outside, all of it valid.
package struct ServerConfiguration: Sendable {
    package var databaseURL: String
    package var redis: RedisConfiguration?
    /// Whether broadcasts go to the other instances through Redis.
    package var usesRedisAdapter: Bool
    /// The form that all instances, and Node servers among them, speak to each other.
    package var redisAdapterForm: RedisAdapterOptions.Form
    /// Whether the instance was told to keep its live messages to itself, to show what a fleet is without an adapter.
    package var isAlone: Bool
    package var host: String
    package var port: Int
    package var privateHost: String
    package var privatePort: Int
    package var instanceID: String
    /// Authenticates the requests that instances relay to each other; without it none are relayed.
    package var fleetSecret: String?
    package var allowedOrigins: Set<String>
    /// The proxies whose word about the client's address and TLS is taken.
    package var trustedProxies: [AddressRange]
    /// To which addresses webhooks may go.
    package var webhookNetworks: WebhookNetworks
    /// Who may make an account of their own.
    package var signUp: ChatPolicy.SignUp
    /// Largest image in bytes; 0 for none at all.
    package var attachmentBytesMax: Int
    /// Sockets of one person on this instance, at most.
    package var socketsPerUserMax: Int
    /// Time between two comparisons of the sockets' sessions with the database.
    package var sessionRecheckInterval: Duration
    package var publicFolder: String
    /// The folder of migrations that this program was made for.
    package var migrationsFolder: String
    package var logLevel: Logger.Level
    /// Over which time clients are sent to other instances when this one is told to stop.
    package var drainSpread: Duration
    /// How much one person may do in what time.
    package var limits: RateLimits

    /// What `session:ready` and the registry call the adapter.
    package var adapterName: String { usesRedisAdapter ? "redis" : "none" }

    package init(_ settings: SettingReader) throws(SettingError) {
        guard let databaseURL = settings.text(.databaseURL) else {
            throw SettingError(.databaseURL, "is not set; `chatctl up` sets it for you")
        }
        self.databaseURL = databaseURL
        redis = try Self.redis(settings)
        isAlone = try !settings.flag(.usesRedisAdapter)
        usesRedisAdapter = redis != nil && !isAlone
        redisAdapterForm = try settings.choice(.redisAdapter, of: "classic or sharded") {
            RedisAdapterOptions.Form(name: $0)
        }
        host = settings.text(.host) ?? ""
        port = try settings.number(.port, in: Self.ports)
        privateHost = settings.text(.privateHost) ?? ""
        privatePort = try settings.number(.privatePort, in: Self.ports)
        instanceID = try Self.instanceID(settings)
        fleetSecret = try Self.fleetSecret(settings)
        allowedOrigins = Set(settings.list(.allowedOrigins))
        trustedProxies = try Self.trustedProxies(settings)
        webhookNetworks = try WebhookNetworks(settings)
        signUp = try settings.choice(.signUp, of: "open, invite or closed") { ChatPolicy.SignUp(rawValue: $0) }
        attachmentBytesMax = try settings.number(.attachmentBytesMax, in: 0...Self.attachmentBytesMaxMax)
        socketsPerUserMax = try settings.number(.socketsPerUserMax, in: 1...Int.max)
        sessionRecheckInterval = .seconds(try settings.number(.sessionRecheckSeconds, in: 1...Self.recheckSecondsMax))
        publicFolder = settings.text(.publicFolder) ?? ""
        migrationsFolder = settings.text(.migrationsFolder) ?? ""
        let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        logLevel = try settings.choice(.logLevel, of: "one of \(levels)") { Logger.Level(rawValue: $0) }
        drainSpread = .milliseconds(try settings.number(.drainSpreadMs, in: 0...3_600_000))
        limits = try Self.limits(settings)
    }

    package static let ports = 0...65_535

    /// An interval that is not much longer than this would be as good as none.
    private static let recheckSecondsMax = 86_400

    /// A few images that are on their way at once are in memory as a whole.
    private static let attachmentBytesMaxMax = 32 * 1_024 * 1_024

    /// `LIMIT_…` are acts in a minute; 0 switches a limit off.
    private static func limits(_ settings: SettingReader) throws(SettingError) -> RateLimits {
        var limits = RateLimits()
        func read(_ setting: Setting, _ limit: inout RateLimit) throws(SettingError) {
            // The standard has a burst of its own.
            guard settings.find(setting).text != nil else { return }
            limit = RateLimit(perMinute: try settings.number(setting, in: 0...Int.max))
        }
        try read(.limitSends, &limits.sends)
        try read(.limitSendsPerRoom, &limits.sendsPerRoom)
        try read(.limitJoins, &limits.joins)
        try read(.limitSearches, &limits.searches)
        try read(.limitRoomsMade, &limits.roomsMade)
        try read(.limitUploads, &limits.uploads)
        return limits
    }

    private static func redis(_ settings: SettingReader) throws(SettingError) -> RedisConfiguration? {
        guard let url = settings.text(.redisURL) else { return nil }
        do {
            return try RedisConfiguration(url: url)
        } catch {
            throw SettingError(.redisURL, "cannot be used: \(error)")
        }
    }

    private static func trustedProxies(_ settings: SettingReader) throws(SettingError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for part in settings.list(.trustedProxies) {
            guard let range = AddressRange(part) else {
                throw SettingError(.trustedProxies, "holds \"\(part)\", which is no address and no network")
            }
            ranges.append(range)
        }
        return ranges
    }

    /// An id is part of each session id, so only characters that need no encoding in a URL are taken.
    private static func instanceID(_ settings: SettingReader) throws(SettingError) -> String {
        guard let id = settings.text(.instanceID) else {
            // Easy to type: people name instances to chatctl.
            return "i-" + String((0..<6).map { _ in "0123456789abcdefghijklmnopqrstuvwxyz".randomElement()! })
        }
        guard id.count <= 64, id.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        else {
            throw SettingError(.instanceID, "is \"\(id)\"; it may hold up to 64 letters, digits, - and _")
        }
        return id
    }

    private static func fleetSecret(_ settings: SettingReader) throws(SettingError) -> String? {
        guard let path = settings.text(.fleetSecretFile) else { return nil }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SettingError(.fleetSecretFile, "is \(path), which cannot be read")
        }
        let secret = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard secret.utf8.count >= 32 else {
            throw SettingError(.fleetSecretFile, "is \(path), whose secret is shorter than 32 bytes")
        }
        return secret
    }
}
