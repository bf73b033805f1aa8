import ArgumentParser
import Foundation
import ServerSettings
import Storage

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the settings, and change them.",
        subcommands: [Show.self, Get.self, Set.self, Check.self]
    )

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show the settings that are in force; passwords are left out."
        )

        @Flag(help: "Say where each value comes from: the environment, the file, or the default.")
        var origin = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let reader = try await Settings.read(file: global.config)
            let rows = Setting.allCases.map { SettingRow($0, reader, global) } + [SettingRow.dataDirectory(global)]
            let columns = [
                Column<SettingRow>("NAME") { $0.name }, Column("VALUE", shrinks: true) { $0.text },
                Column("ORIGIN") { $0.origin },
            ]
            Listing.write(
                rows,
                columns: origin ? columns : columns.dropLast(),
                records: { $0 },
                summary: "",
                to: global.console
            )
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "get",
            abstract: "Print one setting that is in force; an empty line when it is not set."
        )

        @OptionGroup var setting: SettingArgument

        @Flag(help: "With the password that stands in it.")
        var reveal = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let setting = try setting.find()
            let reader = try await Settings.read(file: global.config)
            let row = SettingRow(setting, reader, global, reveals: reveal)
            if global.json { return global.console.data(JSONText.encode(["data": row])) }
            global.console.data(SafeText.escaped(row.value ?? ""))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Say whether the settings can be used; exit code 78 when not."
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let reader = try await Settings.read(file: global.config)
            for setting in Setting.allCases {
                if let text = reader.find(setting).text { try setting.check(text) }
            }
            global.console.note("The settings are good.")
        }
    }
}

/// The name of a setting on the command line.
struct SettingArgument: ParsableArguments {
    @Argument(
        help: "The name of a setting, as `config show` lists them.",
        completion: .list(Setting.allCases.map(\.rawValue))
    )
    var name: String

    /// - Throws: `Failure` (usage) with the nearest name.
    func find() throws(Failure) -> Setting {
        let known = Setting.allCases.map(\.rawValue)
        if let setting = Setting(rawValue: name.uppercased().replacingOccurrences(of: "-", with: "_")) {
            return setting
        }
        let hint = Suggestion.nearest(to: name, in: known).map { "did you mean \($0)?" }
        throw Failure(
            .usage,
            "there is no setting \"\(name)\"",
            hint: hint ?? "see them all with: \(Programs.asTyped) config show"
        )
    }
}

/// What `config show` and `config get` print.
struct SettingRow: Encodable, Sendable {
    let name: String
    /// Nil when it is not set and has no default.
    let value: String?
    let origin: String
    /// The value, or what happens without one.
    let text: String

    private enum CodingKeys: CodingKey { case name, value, origin }

    init(_ setting: Setting, _ reader: SettingReader, _ global: GlobalOptions, reveals: Bool = false) {
        name = setting.rawValue
        let found = reader.find(setting)
        let inForce = found.text ?? Self.standard(of: setting, global)
        value = setting.isSecret && !reveals ? Self.masked(inForce) : inForce
        origin =
            switch found.origin {
            case .environment: "environment"
            case .file(let path): path
            case .standard: "default"
            }
        text = value ?? Self.absence(of: setting)
    }

    private init(name: String, value: String, origin: String) {
        (self.name, self.value, self.origin, text) = (name, value, origin, value)
    }

    static func dataDirectory(_ global: GlobalOptions) -> SettingRow {
        let origin = global.data == nil ? "default" : "--data"
        return SettingRow(name: "data directory", value: global.dataDirectory.path, origin: origin)
    }

    /// What chatctl gives its instances where nothing is set.
    private static func standard(of setting: Setting, _ global: GlobalOptions) -> String? {
        switch setting {
        case .fleetSecretFile: global.dataDirectory.secret
        case .publicFolder: Programs.resource("Public") ?? setting.standard
        case .migrationsFolder: Programs.resource("migrations") ?? setting.standard
        default: setting.standard
        }
    }

    private static func absence(of setting: Setting) -> String {
        switch setting {
        case .databaseURL: "a private PostgreSQL"
        case .redisURL: "a private Redis"
        case .instanceID: "given by the supervisor"
        default: "none"
        }
    }

    /// The password of a URI or a conninfo string as stars.
    static func masked(_ text: String?) -> String? {
        text?.replacing(/:\/\/([^:@\/\s]*):[^@\/\s]*@/) { "://\($0.output.1):***@" }
            .replacing(/password\s*=\s*('(?:[^'\\]|\\.)*'|\S+)/) { _ in "password=***" }
    }
}

extension Setting {
    /// Whether an instance would start with this value.
    ///
    /// - Throws: `SettingError`, `StorageError`: what the instance would say.
    func check(_ value: String) throws {
        // Without an address of a database no instance gets as far as to the others.
        var environment = [Setting.databaseURL.rawValue: "postgresql:///chat"]
        if !value.isEmpty { environment[rawValue] = value }
        _ = try ServerConfiguration(SettingReader(environment: environment))
        if self == .databaseURL, !value.isEmpty { _ = try ConnectionInfo(value) }
    }
}
