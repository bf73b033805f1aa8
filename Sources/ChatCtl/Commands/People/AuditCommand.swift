import ArgumentParser
import Domain
import Foundation
import Storage
import Views

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "See who did what.",
        subcommands: [List.self, Tail.self, Export.self]
    )

    struct Filter: ParsableArguments {
        @Option(help: ArgumentHelp("Only what this one did.", valueName: "name"))
        var actor: String?

        @Option(help: ArgumentHelp("Only acts of this kind, such as user.add.", valueName: "action"))
        var action: String?

        var filter: AuditFilter {
            AuditFilter(actor: actor, action: action.map { AuditEntry.Action(rawValue: $0) })
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the last acts, 50 without --limit.",
            aliases: ["list"]
        )

        @OptionGroup var filter: Filter

        @Option(help: ArgumentHelp("Only what is not older.", valueName: "time"))
        var since: Span?

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        private static let limit = 50

        func run() async throws {
            let choice = try list.choice(of: AuditEntryView.self)
            let oldest = since.map { Date().addingTimeInterval(-$0.seconds) } ?? .distantPast
            let entries = try await Servers.locate(global).withChat { chat in
                try await choice.latest(
                    limit: Self.limit,
                    pageMax: Chat.auditLimitMax,
                    records: AuditEntryView.init
                ) { last, count in
                    try await chat.audit(filter.filter, before: last?.id, limit: count, by: Servers.actor)
                        .filter { $0.at >= oldest }
                }
            }
            let now = Date()
            Listing.write(
                entries,
                columns: [
                    Column("AT", plain: { TimeText.rfc3339($0.at) }) { TimeText.ago($0.at, now: now) },
                    Column("ACTOR", shrinks: true) { $0.actor.name },
                    Column("ACTION") { $0.action.rawValue },
                    Column("SUBJECT", shrinks: true) { $0.subject.name ?? $0.subject.id ?? "" },
                    Column("DETAIL", shrinks: true, table: AuditCommand.detail),
                ],
                records: AuditEntryView.init,
                summary: entries.count == 1 ? "1 entry" : "\(entries.count) entries",
                to: global.console
            )
        }
    }

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tail",
            abstract: "Show acts as they happen, until Ctrl-C."
        )

        @OptionGroup var filter: Filter
        @OptionGroup var global: GlobalOptions

        private static let pollInterval = Duration.milliseconds(500)

        func run() async throws {
            let console = global.console
            try await Servers.locate(global).withChat { chat in
                var last = try await chat.audit(filter.filter, limit: 1, by: Servers.actor).first?.id
                while true {
                    try await Task.sleep(for: Self.pollInterval)
                    let page = try await chat.audit(filter.filter, limit: 200, by: Servers.actor)
                    for entry in page.prefix(while: { $0.id != last }).reversed() {
                        AuditCommand.line(entry, console)
                        last = entry.id
                    }
                }
            }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Print all acts as JSON, one on a line, the newest first."
        )

        @OptionGroup var filter: Filter
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let console = global.console
            try await Servers.locate(global).withChat { chat in
                var cursor: AuditEntryID?
                while true {
                    let page = try await chat.audit(filter.filter, before: cursor, limit: 200, by: Servers.actor)
                    for entry in page { console.data(JSONText.encode(AuditEntryView(entry))) }
                    guard let last = page.last else { return }
                    cursor = last.id
                }
            }
        }
    }

    static func detail(_ entry: AuditEntry) -> String {
        entry.detail.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    private static func line(_ entry: AuditEntry, _ console: Console) {
        if console.isJSON { return console.data(JSONText.encode(AuditEntryView(entry))) }
        let cells = [
            TimeText.rfc3339(entry.at), entry.actor.name, entry.action.rawValue,
            entry.subject.name ?? entry.subject.id ?? "", detail(entry),
        ]
        console.data(cells.map { SafeText.escaped($0) }.joined(separator: "\t"))
    }
}
