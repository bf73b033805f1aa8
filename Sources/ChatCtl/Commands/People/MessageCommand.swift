import ArgumentParser

struct MessageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Read and send messages in rooms.",
        subcommands: [Send.self, List.self, Show.self, Remove.self, Search.self, Tail.self],
        aliases: ["messages"]
    )
}
