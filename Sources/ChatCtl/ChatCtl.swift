import ArgumentParser
import Foundation

/// The tool for people and processes: users, rooms, instances, and running the chat on this machine.
@main
struct ChatCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chatctl",
        abstract: "Run the chat and look after it.",
        discussion: """
            chatctl up                 starts everything, with an address for the browser
            chatctl user add alice     adds an account
            chatctl status             shows how the chat is
            chatctl demo               shows in a minute what several instances are for
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(
                name: "First steps",
                subcommands: [UpCommand.self, StatusCommand.self, UserCommand.self, RoomCommand.self, DownCommand.self]
            ),
            CommandGroup(
                name: "People",
                subcommands: [
                    MessageCommand.self, DirectCommand.self, BanCommand.self, InviteCommand.self, TokenCommand.self,
                    WebhookCommand.self, AuditCommand.self, BroadcastCommand.self,
                ]
            ),
            CommandGroup(
                name: "Processes",
                subcommands: [
                    ScaleCommand.self, RestartCommand.self, LogsCommand.self, InstancesCommand.self,
                    SocketsCommand.self,
                ]
            ),
            CommandGroup(
                name: "Checks",
                subcommands: [DoctorCommand.self, VerifyCommand.self, BenchCommand.self, DemoCommand.self]
            ),
            CommandGroup(
                name: "Data",
                subcommands: [
                    DatabaseCommand.self, ExportCommand.self, ImportCommand.self, ConfigCommand.self,
                ]
            ),
            CommandGroup(
                name: "Other",
                subcommands: [VersionCommand.self, CompletionCommand.self, ManualCommand.self]
            ),
        ]
    )

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            if let failure = UnknownCommand.find(in: arguments, of: Self.self) { throw failure }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error, json: arguments.contains("--json"))
        }
    }

    /// Says what went wrong and ends the process with its exit code.
    private static func end(with error: any Error, json: Bool) -> Never {
        let failure: Failure
        switch error {
        case let known as Failure:
            failure = known
        case _ where exitCode(for: error) == .success:
            exit(withError: error)  // help or the version was asked for
        case _ where exitCode(for: error) == .validationFailure:
            let usage = usageString().isEmpty ? nil : fullMessage(for: error).components(separatedBy: "\n").dropFirst()
            failure = Failure(.usage, message(for: error), hint: usage?.joined(separator: "\n"))
        default:
            failure = Failure(describing: error)
        }
        Console.write(failure.rendered(json: json) + "\n", to: STDERR_FILENO)
        Foundation.exit(failure.kind.rawValue)
    }
}
