import Domain
import Foundation
import ServerSettings

/// The settings that chatctl shares with the server, from the environment and from `.env` in the working directory. The
/// environment wins.
struct Settings: Sendable {
    /// Nil: `chatctl up` runs a PostgreSQL of its own.
    let databaseURL: String?
    /// Nil: `chatctl up` runs a Redis of its own.
    let redisURL: String?
    let usesRedisAdapter: Bool
    let host: String
    let port: Int
    let privateHost: String
    let fleetSecretFile: String?
    /// To which addresses webhooks may go.
    let webhookNetworks: WebhookNetworks
    /// Nil: the one that came with chatctl.
    let publicDirectory: String?

    /// - Throws: `Failure` (configuration) for a `.env` that others may read and that holds a password, and for a
    ///   setting that chatctl itself cannot use.
    static func load(file: String? = nil) async throws -> Settings { try Settings(try await read(file: file)) }

    static func load(_ global: GlobalOptions) async throws -> Settings { try await load(file: global.config) }

    /// All settings as they stand there, used or not.
    static func read(
        file: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws -> SettingReader {
        if let file, access(file, R_OK) != 0 { throw Failure(.configuration, "there is no file \(file)") }
        let file = file ?? defaultFile
        try SettingsFile.refuseExposedPasswords(in: file)
        do { return try await SettingReader(environment: environment, file: file) } catch {
            throw Failure(.configuration, "cannot read \(file): \(error)")
        }
    }

    static let defaultFile = ".env"

    init(_ reader: SettingReader) throws(SettingError) {
        databaseURL = reader.text(.databaseURL)
        redisURL = reader.text(.redisURL)
        usesRedisAdapter = try reader.flag(.usesRedisAdapter)
        host = reader.text(.host) ?? ""
        port = try reader.number(.port, in: ServerConfiguration.ports)
        privateHost = reader.text(.privateHost) ?? ""
        fleetSecretFile = reader.text(.fleetSecretFile)
        webhookNetworks = try WebhookNetworks(reader)
        publicDirectory = reader.find(.publicFolder).text
    }
}
