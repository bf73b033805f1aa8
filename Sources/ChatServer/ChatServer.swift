import EngineIO
import Foundation
import ServerSettings

/// One instance of the chat: HTTP API, browser client and Socket.IO on one port.
@main
struct ChatServer {
    static func main() async {
        OpenFiles.allowMost()
        do {
            let configuration = try await ServerConfiguration.load()
            Logs.bootstrap(level: configuration.logLevel)
            try await Instance(configuration).run()
        } catch let error as StartupError {
            FileHandle.standardError.write(Data("ChatServer: \(error.message)\n".utf8))
            exit(error.exitCode)
        } catch {
            FileHandle.standardError.write(Data("ChatServer: \(error)\n".utf8))
            exit(1)
        }
    }
}
