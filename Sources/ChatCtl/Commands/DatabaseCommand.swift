import ArgumentParser
import Storage

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Look after the database.",
        subcommands: [Migrate.self]
    )
}

extension DatabaseCommand {
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "migrate",
            abstract: "Bring the schema up to date. `chatctl up` does it too."
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let servers = try await Servers.locate(global)
            guard let url = servers.databaseURL else { return try await servers.withChat { _ in } }
            let clock = ContinuousClock()
            let startedAt = clock.now
            let applied = try await Migrations.apply(to: url)
            let took = Int((clock.now - startedAt) / .milliseconds(1))
            let console = global.console
            if console.isJSON { return console.data(Listing.json(applied.map { ["name": $0] })) }
            console.note(
                applied.isEmpty ? "The schema is up to date." : "Applied \(Migrations.summary(applied)) in \(took) ms."
            )
        }
    }
}
