import Configuration
import Foundation

/// Where settings are looked up: the environment, and behind it a file. A setting that is empty is not set.
package struct SettingReader: Sendable {
    package enum Origin: Sendable, Equatable {
        case environment
        case file(String)
        case standard
    }

    private let sources: [(origin: Origin, reader: ConfigReader)]

    package init(environment: [String: String]) {
        let provider = EnvironmentVariablesProvider(environmentVariables: environment)
        sources = [(.environment, ConfigReader(provider: provider))]
    }

    /// - Parameter file: Need not be there; nil or empty for none.
    /// - Throws: The system's error for a file that cannot be read.
    package init(environment: [String: String], file: String?) async throws {
        let variables = SettingReader(environment: environment)
        guard let file, !file.isEmpty else {
            self = variables
            return
        }
        let provider = try await EnvironmentVariablesProvider(environmentFilePath: Self.path(file), allowMissing: true)
        sources = variables.sources + [(.file(file), ConfigReader(provider: provider))]
    }

    /// What is set and where. The first source that names a setting decides, even if only to empty it.
    package func find(_ setting: Setting) -> (text: String?, origin: Origin) {
        for source in sources {
            if let text = source.reader.string(forKey: setting.key, isSecret: setting.isSecret) {
                return (text.isEmpty ? nil : text, source.origin)
            }
        }
        return (nil, .standard)
    }

    /// What is set, else the standard.
    package func text(_ setting: Setting) -> String? { find(setting).text ?? setting.standard }

    package func flag(_ setting: Setting) throws(SettingError) -> Bool {
        let text = text(setting) ?? ""
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw SettingError(setting, "is \"\(text)\"; it must be true or false")
        }
    }

    package func number(_ setting: Setting, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        let text = text(setting) ?? ""
        guard let number = Int(text), range.contains(number) else {
            let bounds =
                range.upperBound == .max
                ? "of \(range.lowerBound) or more" : "from \(range.lowerBound) to \(range.upperBound)"
            throw SettingError(setting, "is \"\(text)\"; it must be a number \(bounds)")
        }
        return number
    }

    package func list(_ setting: Setting) -> [String] {
        (text(setting) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The same for a value that is one of a few words.
    package func choice<Value>(
        _ setting: Setting,
        of words: String,
        _ parse: (String) -> Value?
    ) throws(SettingError) -> Value {
        let text = text(setting) ?? ""
        guard let value = parse(text) else { throw SettingError(setting, "is \"\(text)\"; use \(words)") }
        return value
    }

    /// The provider's path type belongs to a package that we do not use otherwise; as a literal it needs no import.
    private static func path<Path: ExpressibleByStringLiteral>(_ text: String) -> Path
    where Path.StringLiteralType == String {
        Path(stringLiteral: text)
    }
}
