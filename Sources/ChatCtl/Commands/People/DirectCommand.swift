import ArgumentParser
import Domain
import Foundation
import Storage
import Views

struct DirectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dm",
        abstract: "Look at direct conversations: who talks with whom, not what they say.",
        subcommands: [List.self, Show.self]
    )

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List direct conversations.",
            aliases: ["list"]
        )

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: DirectRecord.self)
            let directs = try await Servers.locate(global).withDatabase { try await $0.administration.directs() }
            let now = Date()
            try Listing.write(
                directs,
                columns: [
                    Column("ID") { "\($0.room.id)" },
                    Column("PEOPLE", shrinks: true) { $0.people.joined(separator: ", ") },
                    Column("MESSAGES", alignment: .right) { String($0.room.messageCount) },
                    Column("LAST", plain: { $0.room.lastAt.map(TimeText.rfc3339) ?? "" }) {
                        $0.room.lastAt.map { TimeText.ago($0, now: now) } ?? "-"
                    },
                ],
                records: { DirectRecord(room: RoomView(public: $0.room), people: $0.people) },
                choice: choice,
                counting: "conversation",
                "conversations",
                to: global.console
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a direct conversation; its messages only with --reveal, which is written down."
        )

        @Argument(help: "Its id.")
        var id: String

        @Flag(help: "Show what was said. The audit log tells of it.")
        var reveal = false

        @Option(help: "With --reveal: how many messages, 1 to 1000.")
        var limit = 50

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000") }
        }

        func run() async throws {
            let (direct, messages, names) = try await Servers.locate(global).withAll { chat, database in
                guard let direct = try await database.administration.directs().first(where: { "\($0.room.id)" == id })
                else {
                    throw Failure(.notFound, "there is no direct conversation \(id)", hint: "\(Programs.asTyped) dm ls")
                }
                guard reveal else { return (direct, [Message](), [UserID: String]()) }
                let messages = try await database.administration.reveal(
                    direct.room.id,
                    limit: limit,
                    by: Servers.actor,
                    at: Date()
                )
                return (direct, messages, try await MessagePrinter.names(chat))
            }
            if reveal {
                return MessagePrinter(console: global.console, names: names)
                    .list(messages, summary: direct.people.joined(separator: ", "))
            }
            Listing.details(
                [direct],
                fields: [
                    Column("id") { "\($0.room.id)" },
                    Column("people") { $0.people.joined(separator: ", ") },
                    Column("messages") { String($0.room.messageCount) },
                    Column("created") { TimeText.rfc3339($0.room.createdAt) },
                ],
                records: { DirectRecord(room: RoomView(public: $0.room), people: $0.people) },
                to: global.console
            )
        }
    }

    private struct DirectRecord: Listed {
        static let fields = RoomView.fields.map { "room.\($0)" } + ["people"]

        let room: RoomView
        let people: [String]
    }
}
