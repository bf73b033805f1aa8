import Foundation
import ServerSettings

extension ServerConfiguration {
    /// Reads the environment, and behind it the file that it names or `.env` in the working directory.
    ///
    /// - Throws: `StartupError` naming the variable that is missing or wrong.
    static func load() async throws -> ServerConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let file = environment["CHAT_CONFIG_FILE"] ?? ".env"
        let settings: SettingReader
        do {
            settings = try await SettingReader(environment: environment, file: file)
        } catch {
            throw StartupError.configuration("cannot read \(file): \(error)")
        }
        do { return try ServerConfiguration(settings) } catch { throw StartupError.configuration(error.message) }
    }
}
