import ArgumentParser

/// Small servers with fixed behaviour, for the protocol suites of other projects and for measuring.
@main
struct ConformanceServer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ConformanceServer",
        abstract: "Serves the fixed behaviour that a Socket.IO protocol suite expects.",
        subcommands: [EchoMode.self, EngineMode.self, SocketMode.self, ClientMode.self, FleetMode.self]
    )
}
