import ArgumentParser
import Foundation

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop everything that `chatctl up` runs."
    )

    static let patience: Duration = .seconds(90)

    @Flag(help: "Stop at once, without waiting for what is being sent.")
    var force = false

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        let data = global.dataDirectory
        let console = global.console
        guard let supervisor = try data.supervisor() else {
            // Killed with -9: what it left behind is stopped too.
            if let state = SupervisorState.read(data) {
                await state.endLeftovers()
                unlink(data.state)
            }
            return console.note("Nothing runs in \(data.path).")
        }
        kill(supervisor, SIGTERM)
        if force { kill(supervisor, SIGTERM) }
        let deadline = ContinuousClock.now + Self.patience
        while try data.supervisor() == supervisor {
            guard ContinuousClock.now < deadline else {
                throw Failure(
                    .timeout,
                    "process \(supervisor) is still stopping",
                    hint: "\(Programs.asTyped) down --force"
                )
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        console.note("Stopped.")
    }
}
