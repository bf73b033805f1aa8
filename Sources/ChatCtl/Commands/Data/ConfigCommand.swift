import ArgumentParser
import Foundation
import Redis
import Storage

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the settings.",
        subcommands: [Show.self, Check.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show the settings that are in force; passwords are left out."
        )

        @OptionGroup var global: GlobalOptions

        private struct Row: Encodable, Sendable {
            let name: String
            let value: String
        }

        func run() async throws {
            let settings = try await Settings.load(global)
            let rows = [
                Row(name: "DATABASE_URL", value: Self.masked(settings.databaseURL) ?? "a private PostgreSQL"),
                Row(name: "REDIS_URL", value: Self.masked(settings.redisURL) ?? "a private Redis"),
                Row(name: "USE_REDIS_ADAPTER", value: String(settings.usesRedisAdapter)),
                Row(name: "HOST", value: settings.host),
                Row(name: "PORT", value: String(settings.port)),
                Row(name: "PRIVATE_HOST", value: settings.privateHost),
                Row(name: "FLEET_SECRET_FILE", value: settings.fleetSecretFile ?? global.dataDirectory.secret),
                Row(name: "PUBLIC_DIR", value: settings.publicDirectory ?? Programs.resource("Public") ?? ""),
                Row(name: "data directory", value: global.dataDirectory.path),
            ]
            Listing.write(
                rows,
                columns: [Column("NAME") { $0.name }, Column("VALUE", shrinks: true) { $0.value }],
                records: { $0 },
                summary: "",
                to: global.console
            )
        }

        /// The password of a URI or a conninfo string as stars.
        static func masked(_ text: String?) -> String? {
            text?.replacing(/:\/\/([^:@\/\s]*):[^@\/\s]*@/) { "://\($0.output.1):***@" }
                .replacing(/password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)/) { _ in "password=***" }
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Say whether the settings can be used; exit code 78 when not."
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let settings = try await Settings.load(global)
            if let url = settings.databaseURL { _ = try ConnectionInfo(url) }
            if let url = settings.redisURL { _ = try RedisConfiguration(url: url) }
            if let path = settings.fleetSecretFile, Files.read(path) == nil {
                throw Failure(.configuration, "FLEET_SECRET_FILE: \(path) cannot be read")
            }
            global.console.note("The settings are good.")
        }
    }
}
