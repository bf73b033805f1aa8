import Configuration
import Foundation

/// The settings that chatctl shares with the server, from the environment and from `.env` in the working directory. The
/// environment wins.
struct Settings: Sendable {
    /// Nil or empty: `chatctl up` runs a PostgreSQL of its own.
    var databaseURL: String?
    /// Nil or empty: `chatctl up` runs a Redis of its own.
    var redisURL: String?
    var usesRedisAdapter = true
    var host = "127.0.0.1"
    var port = 3000
    var privateHost = "127.0.0.1"
    var fleetSecretFile: String?
    var publicDirectory: String?

    /// - Throws: `Failure` (configuration) for a `.env` that others may read and that holds a password.
    static func load(
        file: String? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> Settings {
        if let file, access(file, R_OK) != 0 { throw Failure(.configuration, "there is no file \(file)") }
        let file = file ?? defaultFile
        try refuseExposedPasswords(in: file)
        let reader = ConfigReader(providers: [
            EnvironmentVariablesProvider(environmentVariables: environment),
            try await EnvironmentVariablesProvider(environmentFilePath: Self.path(file), allowMissing: true),
        ])
        return try Settings(reader)
    }

    static func load(_ global: GlobalOptions) async throws -> Settings { try await load(file: global.config) }

    static let defaultFile = ".env"

    init() {}

    init(_ reader: ConfigReader) throws {
        func text(_ key: ConfigKey) -> String? {
            reader.string(forKey: key).flatMap { $0.isEmpty ? nil : $0 }
        }
        databaseURL = text("database.url")
        redisURL = text("redis.url")
        host = text("host") ?? host
        privateHost = text("private.host") ?? privateHost
        fleetSecretFile = text("fleet.secret.file")
        publicDirectory = text("public.dir")
        if let value = text("use.redis.adapter") {
            guard let flag = Self.flag(value) else {
                throw Failure(.configuration, "USE_REDIS_ADAPTER is \"\(value)\"; it must be true or false")
            }
            usesRedisAdapter = flag
        }
        if let value = text("port") {
            guard let number = Int(value), (0...65535).contains(number) else {
                throw Failure(.configuration, "PORT is \"\(value)\"; it must be a number from 0 to 65535")
            }
            port = number
        }
    }

    /// The provider's path type belongs to a package that we do not use otherwise; as a literal it needs no import.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }

    private static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }

    /// Whoever can read a password in the file has the database.
    private static func refuseExposedPasswords(in path: String) throws {
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IROTH != 0, let text = Files.read(path) else {
            return
        }
        let exposes = text.split(separator: "\n").contains { line in
            let line = line.trimmingCharacters(in: .whitespaces)
            return !line.hasPrefix("#")
                && (line.contains(/:\/\/[^\/@\s]*:[^\/@\s]+@/) || line.contains(/password\s*=\s*\S/))
        }
        if exposes {
            throw Failure(
                .configuration,
                "\(path) holds a password and everybody can read it",
                hint: "chmod 600 \(path)"
            )
        }
    }
}
