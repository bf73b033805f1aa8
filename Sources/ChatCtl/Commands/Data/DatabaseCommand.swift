import ArgumentParser
import Domain
import Fleet
import Foundation
import Storage

struct DatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "Look after the database.",
        subcommands: [Migrate.self, Status.self, Wait.self, Backup.self, Restore.self, Prune.self]
    )
}

extension DatabaseCommand {
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "migrate",
            abstract: "Bring the schema up to date. `chatctl up` does it too."
        )

        @Flag(help: "Only say what is missing.")
        var dryRun = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let servers = try await Servers.locate(global)
            guard let url = servers.databaseURL else { return try await servers.withChat { _ in } }
            let console = global.console
            let clock = ContinuousClock()
            let startedAt = clock.now
            let names = try await dryRun ? Migrations.pending(of: url) : Migrations.apply(to: url)
            let took = Int((clock.now - startedAt) / .milliseconds(1))
            if console.isJSON { return console.data(Listing.json(names.map { ["name": $0] })) }
            guard !names.isEmpty else { return console.note("The schema is up to date.") }
            let verb = dryRun ? "Missing:" : "Applied"
            console.note("\(verb) \(Migrations.summary(names))\(dryRun ? "." : " in \(took) ms.")")
        }
    }

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Show where the database is and whether its schema is current."
        )

        @OptionGroup var global: GlobalOptions

        private struct Row: Encodable, Sendable {
            let database: String
            let server: String
            let schema: String
            let pending: [String]
            let size_bytes: Int64
        }

        func run() async throws {
            let servers = try await Servers.locate(global)
            let url = servers.databaseURL ?? ""
            let row = try await servers.withDatabase { database in
                let facts = try await database.serverFacts()
                return Row(
                    database: "\(database.info)",
                    server: facts.version,
                    schema: try await database.schemaVersionIfAny() ?? "none",
                    pending: try await Migrations.pending(of: url),
                    size_bytes: facts.sizeBytes
                )
            }
            let fields: [Column<Row>] = [
                Column("database") { $0.database },
                Column("server") { $0.server },
                Column("schema") { $0.schema },
                Column("missing") { $0.pending.isEmpty ? "nothing" : $0.pending.joined(separator: ", ") },
                Column("size", plain: { String($0.size_bytes) }) { TimeText.bytes(Int($0.size_bytes)) },
            ]
            Listing.details([row], fields: fields, records: { $0 }, to: global.console)
        }
    }

    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wait",
            abstract: "Wait until the database answers and its schema is current; for scripts."
        )

        @Option(help: ArgumentHelp("For how long at most.", valueName: "time"))
        var within = Span(.seconds(60))

        @OptionGroup var global: GlobalOptions

        private static let pollInterval = Duration.milliseconds(500)

        func run() async throws {
            let deadline = ContinuousClock.now + within.duration
            var reason = ""
            repeat {
                do {
                    let servers = try await Servers.locate(global)
                    guard let url = servers.databaseURL else { throw Failure(.unavailable, "there is no database") }
                    try await servers.withDatabase { _ in }
                    let pending = try await Migrations.pending(of: url)
                    guard !pending.isEmpty else { return global.console.note("The database is ready.") }
                    reason = "it lacks \(Migrations.summary(pending))"
                } catch {
                    let failure = Failure(describing: error)
                    guard failure.kind == .unavailable else { throw failure }
                    reason = failure.message
                }
                try await Task.sleep(for: Self.pollInterval)
            } while ContinuousClock.now < deadline
            throw Failure(.timeout, "the database is not ready: \(reason)")
        }
    }

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup",
            abstract: "Write the whole database into a file, with pg_dump. The chat may go on."
        )

        @Argument(help: "The new file.", completion: .file())
        var file: String

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            guard access(file, F_OK) != 0 else { throw Failure(.exists, "\(file) exists") }
            let servers = try await Servers.locate(global)
            try await servers.withDatabase { _ in }
            guard let url = servers.databaseURL else { return }
            // Made before, so that nobody else can read it at any time.
            try Files.write("", to: file)
            do {
                let tools = PostgresTools(databaseURL: url)
                try await tools.run("pg_dump", ["--format=custom", "--no-owner", "--file=\(file)"])
                // A backup that cannot be read is none.
                try await tools.run("pg_restore", ["--list", file])
            } catch {
                unlink(file)
                throw error
            }
            let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
            if global.json { return global.console.data(JSONText.encode(["data": ["file": file]])) }
            global.console.note(
                "Wrote \(TimeText.bytes(size)) to \(file). Back with: \(Programs.asTyped) db restore \(file)"
            )
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore",
            abstract: "Replace everything in the database by a backup. No instance may run."
        )

        @Argument(help: "The file.", completion: .file())
        var file: String

        @OptionGroup var confirm: ConfirmOption
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            guard access(file, R_OK) == 0 else { throw Failure(.invalid, "there is no file \(file)") }
            let servers = try await Servers.locate(global)
            guard let url = servers.databaseURL else { return try await servers.withChat { _ in } }
            let running = try await FleetClient.with(global.silenced) { fleet in
                Array(try await fleet.ask(.ping, of: fleet.records).keys)
            }
            guard running.isEmpty else {
                throw Failure(
                    .unavailable,
                    "\(running.sorted().joined(separator: ", ")) would go on with the old data",
                    hint: "stop the instances first; the database has to stay up"
                )
            }
            let name = try ConnectionInfo(url).value(of: "dbname") ?? "chat"
            try global.confirmation.ask(
                "This replaces everything in the database \(name) by \(file). It cannot be undone.",
                typing: name,
                as: "the name of the database",
                given: confirm.confirm
            )
            try await PostgresTools(databaseURL: url).run(
                "pg_restore",
                ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--dbname=service=chat", file]
            )
            global.console.note("Restored \(file).")
        }
    }

    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove logins, tokens, invites and bans that ended long ago, and browsers long unused.",
            discussion: "Messages are kept, and so is the audit log: the database lets nobody change it."
        )

        @Option(help: ArgumentHelp("What ended before that time ago.", valueName: "time"))
        var olderThan = Span(.seconds(365 * 86_400))

        @Flag(help: "Only count.")
        var dryRun = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let date = Date().addingTimeInterval(-olderThan.seconds)
            let servers = try await Servers.locate(global)
            let old = try await servers.withDatabase { try await $0.administration.prunable(before: date) }
            let since = TimeText.rfc3339(date)
            if dryRun || old.total == 0 {
                return tell(
                    old,
                    old.total == 0 ? "Nothing ended before \(since)." : "\(text(old)) ended before \(since)."
                )
            }
            try global.confirmation.ask("Remove \(text(old)) that ended before \(since)?")
            let removed = try await servers.withDatabase { database in
                try await database.administration.prune(before: date, by: Servers.actor, at: Date())
            }
            tell(removed, "Removed \(text(removed)).")
        }

        private func tell(_ pruned: Administration.Pruned, _ sentence: String) {
            guard global.json else { return global.console.note(sentence) }
            let kinds = kinds(pruned).map { ($0.name, $0.count) }
            let record = Dictionary(kinds) { first, _ in first }
            global.console.data(JSONText.encode(["data": record]))
        }

        private func kinds(_ pruned: Administration.Pruned) -> [(name: String, count: Int64)] {
            [
                ("logins", pruned.logins), ("tokens", pruned.tokens), ("invites", pruned.invites),
                ("bans", pruned.bans), ("browsers", pruned.devices),
            ]
        }

        /// `12 logins, 1 bans and …`, without what there is none of.
        private func text(_ pruned: Administration.Pruned) -> String {
            kinds(pruned).filter { $0.count > 0 }
                .map { "\(TimeText.number(Int($0.count))) \($0.count == 1 ? String($0.name.dropLast()) : $0.name)" }
                .joined(separator: ", ")
        }
    }
}
