import ArgumentParser
import Domain
import Foundation
import Storage
import Views

extension MessageCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the last messages of a room, 50 without --limit.",
            aliases: ["list"]
        )

        @OptionGroup var room: RoomArgument

        @Option(help: ArgumentHelp("Only what stands before this number.", valueName: "seq"))
        var before: Int64?

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        private static let limit = 50
        private static let pageMax = 1_000

        func run() async throws {
            let choice = try list.choice(of: MessageView.self)
            let (messages, names) = try await Servers.locate(global).withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                let messages = try await choice.latest(
                    limit: Self.limit,
                    pageMax: Self.pageMax,
                    records: { MessageView($0) }
                ) { last, count in
                    try await database.administration.messages(
                        in: room.id,
                        before: last?.seq ?? before ?? .max,
                        limit: count
                    ).reversed()
                }
                return (messages, try await MessagePrinter.names(chat))
            }
            MessagePrinter(console: global.console, names: names)
                .list(messages, summary: messages.count == 1 ? "1 entry" : "\(messages.count) entries")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one message.")

        @OptionGroup var room: RoomArgument

        @Argument(help: "Its number in the room.")
        var seq: Int64

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let (message, names) = try await Servers.locate(global).withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                let found = try await database.administration.messages(in: room.id, before: seq + 1, limit: 1).first
                guard let found, found.seq == seq else {
                    throw Failure(.notFound, "there is no number \(seq) in #\(room.name ?? "")")
                }
                return (found, try await MessagePrinter.names(chat))
            }
            let printer = MessagePrinter(console: global.console, names: names)
            Listing.details(
                [message],
                fields: [
                    Column("number") { String($0.seq) },
                    Column("id") { "\($0.id)" },
                    Column("kind") { $0.kind.rawValue },
                    Column("author", table: printer.author),
                    Column("at") { TimeText.rfc3339($0.createdAt) },
                    Column("edited") { $0.editedAt.map(TimeText.rfc3339) ?? "" },
                    Column("deleted") { $0.deletedAt.map(TimeText.rfc3339) ?? "" },
                    Column("reactions") { $0.reactions.map { "\($0.emoji) \($0.count)" }.joined(separator: "  ") },
                    Column("images") { message in
                        message.attachments.map { image in
                            "\(image.name) (\(image.width)×\(image.height), \(TimeText.bytes(image.bytes)))"
                        }.joined(separator: "  ")
                    },
                    Column("text", table: printer.text),
                ],
                records: { MessageView($0) },
                to: global.console
            )
        }
    }

    struct Search: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "search",
            abstract: "Find messages that contain all the words, in rooms that are not direct."
        )

        @Argument(help: "The words.")
        var words: [String]

        @Option(
            name: .customLong("in"),
            help: ArgumentHelp("Only in this room.", valueName: "room"),
            completion: .custom { words, _, _ in NameCompletion.rooms(words) }
        )
        var room: String?

        @Option(help: "How many, 1 to 1000.")
        var limit = 50

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000") }
        }

        func run() async throws {
            let (found, names) = try await Servers.locate(global).withAll { chat, database in
                let only = try await Lookup.rooms(room.map { [$0] } ?? [], in: chat).first
                let found = try await database.administration.search(
                    words.joined(separator: " "),
                    in: only?.id,
                    limit: limit
                )
                return (found, try await MessagePrinter.names(chat))
            }
            let printer = MessagePrinter(console: global.console, names: names)
            let now = Date()
            Listing.write(
                found,
                columns: [
                    Column("ROOM") { "#\($0.room)" },
                    Column("SEQ", alignment: .right) { String($0.message.seq) },
                    Column("AT", plain: { TimeText.rfc3339($0.message.createdAt) }) {
                        TimeText.ago($0.message.createdAt, now: now)
                    },
                    Column("AUTHOR") { printer.author($0.message) },
                    Column("TEXT", shrinks: true) { printer.text($0.message) },
                ],
                records: { MessageView($0.message) },
                summary: found.count == 1 ? "1 message" : "\(found.count) messages",
                to: global.console
            )
        }
    }
}
