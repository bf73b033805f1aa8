import ArgumentParser
import Foundation
import ServerSettings

extension ConfigCommand {
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Change one setting in the file. Instances read it when they start.",
            discussion: """
                Comments, order and permissions of the file stay as they are. What can hold a password, DATABASE_URL and \
                REDIS_URL, is never taken from the command line itself: on a terminal it is asked for.
                """
        )

        @OptionGroup var setting: SettingArgument

        @Argument(help: "The value; an empty one brings the default back.")
        var value: String?

        @Flag(help: "Read the value from the first line of standard input.")
        var valueStdin = false

        @Option(help: ArgumentHelp("Read the value from the first line of a file.", valueName: "file"))
        var valueFile: String?

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            if [value != nil, valueStdin, valueFile != nil].filter({ $0 }).count > 1 {
                throw ValidationError("give the value once: as an argument, with --value-stdin, or with --value-file")
            }
        }

        func run() async throws {
            let setting = try setting.find()
            let file = global.config ?? Settings.defaultFile
            try SettingsFile.refuseExposedPasswords(in: file)
            let text = try read(setting).trimmingCharacters(in: .whitespaces)
            guard !text.contains(where: \.isNewline) else {
                throw Failure(.invalid, "\(setting.rawValue) has to be one line")
            }
            do { try setting.check(text) } catch {
                throw Failure(.invalid, "\(Failure(describing: error).message); nothing changed")
            }
            try SettingsFile.change(file, holdsSecret: setting.isSecret) { $0.set(setting, to: text) }
            try await tell(setting, text, file)
        }

        private func read(_ setting: Setting) throws -> String {
            let name = setting.rawValue
            if valueStdin { return try SecretInput.standardInput("value") }
            if let valueFile { return try SecretInput.firstLine(of: valueFile) }
            let sources = "--value-stdin or --value-file FILE"
            guard setting.isSecret else {
                guard let value else {
                    throw Failure(.usage, "what is the value?", hint: "\(Programs.asTyped) config set \(name) VALUE")
                }
                return value
            }
            guard value == nil else {
                throw Failure(
                    .usage,
                    "\(name) can hold a password, and everybody on the machine sees the arguments of a command",
                    hint: "leave it out to be asked for it, or use \(sources)"
                )
            }
            guard !global.noInput, isatty(STDIN_FILENO) == 1 else {
                throw Failure(.usage, "there is no terminal to ask for \(name)", hint: "use \(sources)")
            }
            return try PasswordPrompt.ask("\(name) (not shown): ")
        }

        private func tell(_ setting: Setting, _ text: String, _ file: String) async throws {
            let reader = try await Settings.read(file: file)
            let row = SettingRow(setting, reader, global)
            if global.json { return global.console.data(JSONText.encode(["data": row])) }
            let console = global.console
            if reader.find(setting).origin == .environment {
                console.warn("the environment sets \(setting.rawValue) too, and wins over \(file)")
            }
            let shown = setting.isSecret ? SettingRow.masked(text) ?? "" : text
            console.note(
                text.isEmpty
                    ? "\(setting.rawValue) has its default, in \(file)."
                    : "\(setting.rawValue) is \(SafeText.escaped(shown)), in \(file)."
            )
            guard try global.dataDirectory.supervisor() != nil else { return }
            let command = Programs.asTyped
            let effect =
                switch Self.reader(of: setting) {
                case .instance: "The running instances have the old value until: \(command) restart --rolling"
                case .supervisor: "What runs has the old value until: \(command) down, then \(command) up"
                case .lonely: "\(command) up gives its instances one of its own; this is for instances without it."
                }
            console.note(effect)
        }

        private enum Reader {
            case instance, supervisor
            /// An instance that no supervisor started.
            case lonely
        }

        private static func reader(of setting: Setting) -> Reader {
            switch setting {
            case .databaseURL, .redisURL, .usesRedisAdapter, .host, .port, .privateHost, .fleetSecretFile,
                .publicFolder:
                .supervisor
            case .privatePort, .drainSpreadMs, .instanceID, .migrationsFolder: .lonely
            case .redisAdapter, .allowedOrigins, .trustedProxies, .webhookAllowedNetworks, .signUp, .attachmentBytesMax,
                .socketsPerUserMax, .sessionRecheckSeconds, .logLevel, .limitSends, .limitSendsPerRoom, .limitJoins,
                .limitSearches, .limitRoomsMade, .limitUploads:
                .instance
            }
        }
    }
}
