import ArgumentParser
import Domain
import Foundation
import Storage

struct MessageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Read and send messages in rooms.",
        subcommands: [Send.self, List.self, Show.self, Remove.self, Search.self, Tail.self],
        aliases: ["messages"]
    )
}

/// What the commands that print messages share.
struct MessagePrinter: Sendable {
    let console: Console
    /// Login names by id.
    let names: [UserID: String]

    func author(_ message: Message) -> String {
        message.author.map { names[$0] ?? "deleted" } ?? "system"
    }

    /// What an entry says; for one that is no message, what it tells.
    func text(_ message: Message) -> String {
        if message.deletedAt != nil { return "(deleted)" }
        guard message.kind != .text else { return message.body }
        let target = message.target.map { " " + (names[$0] ?? "deleted") } ?? ""
        let detail = message.detail.map { ": \($0)" } ?? ""
        return "(\(message.kind.rawValue)\(target)\(detail))"
    }

    func list(_ messages: [Message], summary: String) {
        let now = Date()
        Listing.write(
            messages,
            columns: [
                Column("SEQ", alignment: .right) { String($0.seq) },
                Column("AT", plain: { TimeText.rfc3339($0.createdAt) }) { TimeText.ago($0.createdAt, now: now) },
                Column("AUTHOR", table: author),
                Column("TEXT", shrinks: true, table: text),
            ],
            records: MessageRecord.init,
            summary: summary,
            to: console
        )
    }

    /// One line of a stream.
    func line(_ message: Message) {
        switch console.form {
        case .json: console.data(JSONText.encode(MessageRecord(message)))
        case .plain:
            let cells = [TimeText.rfc3339(message.createdAt), String(message.seq), author(message), text(message)]
            console.data(cells.map { SafeText.escaped($0) }.joined(separator: "\t"))
        case .table:
            console.data("\(console.colored(SafeText.escaped(author(message))))  \(SafeText.escaped(text(message)))")
        }
    }

    static func names(_ chat: Chat) async throws -> [UserID: String] {
        Dictionary(try await chat.users(by: Servers.actor).map { ($0.id, $0.name) }) { first, _ in first }
    }
}

extension MessageCommand {
    struct Send: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "send",
            abstract: "Say something in a room, in the name of one of its members."
        )

        @OptionGroup var room: RoomArgument

        @Argument(help: "The text; - reads it from standard input.")
        var text: String

        @Option(
            name: .customLong("as"),
            help: ArgumentHelp("Who says it.", valueName: "name"),
            completion: .custom { _, _, _ in NameCompletion.users() }
        )
        var author: String

        @Option(help: ArgumentHelp("A repeated send with the same id lands once.", valueName: "id"))
        var id: String?

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let body = try text == "-" ? Self.standardInput() : text
            let servers = try await Servers.locate(global)
            let receipt = try await servers.withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                let user = try await Lookup.user(author, in: chat)
                let draft = try Draft(room: room.id, clientID: id ?? UUID().uuidString.lowercased(), body: body)
                let receipt: SendReceipt
                do {
                    receipt = try await chat.send(draft, by: Identity(user: user, session: .new(at: Date())))
                } catch ChatError.notFound {
                    throw Failure(
                        .notPermitted,
                        "\(user.name) is no member of #\(room.name ?? "")",
                        hint: "\(Programs.asTyped) room add \(room.name ?? "") \(user.name)"
                    )
                }
                guard !receipt.duplicate else { return receipt }
                // The message itself tells who spoke; this tells who made them speak.
                let entry = AuditEntry(
                    .messageSend,
                    of: .message(receipt.message.id),
                    by: Servers.actor,
                    at: Date(),
                    detail: ["room": room.name ?? "", "author": user.name]
                )
                try await database.administration.note(entry)
                return receipt
            }
            if !receipt.duplicate { await News.send(.entries([receipt.message]), on: servers) }
            if global.json { return global.console.data(JSONText.encode(["data": MessageRecord(receipt.message)])) }
            global.console.note("Sent as number \(receipt.message.seq) of #\(room.name).")
        }

        private static func standardInput() throws -> String {
            var data = FileHandle.standardInput.readDataToEndOfFile()
            if data.last == UInt8(ascii: "\n") { data.removeLast() }
            guard let text = String(data: data, encoding: .utf8) else {
                throw Failure(.invalid, "the text is no UTF-8")
            }
            return text
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the last messages of a room.",
            aliases: ["list"]
        )

        @OptionGroup var room: RoomArgument

        @Option(help: "How many, 1 to 1000.")
        var limit = 50

        @Option(help: ArgumentHelp("Only what stands before this number.", valueName: "seq"))
        var before: Int64?

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000") }
        }

        func run() async throws {
            let (messages, names) = try await Servers.locate(global).withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                let messages = try await database.administration.messages(
                    in: room.id,
                    before: before ?? .max,
                    limit: limit
                )
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
                    Column("text", table: printer.text),
                ],
                records: MessageRecord.init,
                to: global.console
            )
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Delete a message; a mark of it stays.",
            aliases: ["delete"]
        )

        @OptionGroup var room: RoomArgument

        @Argument(help: "Its number in the room.")
        var seq: Int64

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try global.confirmation.ask("Delete number \(seq) of #\(room.name)?")
            let servers = try await Servers.locate(global)
            let message = try await servers.withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                do {
                    return try await database.administration.deleteMessage(
                        seq,
                        in: room.id,
                        by: Servers.actor,
                        at: Date()
                    )
                } catch ChatError.notFound {
                    throw Failure(.notFound, "there is no message \(seq) in #\(room.name ?? "")")
                }
            }
            await News.send(.entries([message]), on: servers)
            if global.json { return global.console.data(JSONText.encode(["data": MessageRecord(message)])) }
            global.console.note("Deleted.")
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
            completion: .custom { _, _, _ in NameCompletion.rooms() }
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
                records: { MessageRecord($0.message) },
                summary: found.count == 1 ? "1 message" : "\(found.count) messages",
                to: global.console
            )
        }
    }

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tail",
            abstract: "Show the last messages of a room and go on with new ones, until Ctrl-C."
        )

        @OptionGroup var room: RoomArgument

        @Option(name: .customShort("n"), help: ArgumentHelp("How many of the past.", valueName: "lines"))
        var lines = 10

        @Flag(help: "End after the past.")
        var noFollow = false

        @OptionGroup var global: GlobalOptions

        /// The database is the log, so it is what is followed: no news are lost when Redis is away.
        private static let pollInterval = Duration.milliseconds(250)

        func run() async throws {
            try await Servers.locate(global).withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                var printer = MessagePrinter(console: global.console, names: try await MessagePrinter.names(chat))
                let past = try await database.administration.messages(in: room.id, limit: max(0, min(lines, 1_000)))
                for message in past { printer.line(message) }
                var position = room.lastSeq
                while !noFollow {
                    try await Task.sleep(for: Self.pollInterval)
                    let changes = try await database.administration.changes(in: room.id, after: position, limit: 500)
                    for message in changes where message.changedSeq > position {
                        position = message.changedSeq
                        if let author = message.author, printer.names[author] == nil {
                            printer = MessagePrinter(
                                console: global.console,
                                names: try await MessagePrinter.names(chat)
                            )
                        }
                        if past.contains(where: { $0.seq == message.seq && $0.changedSeq == message.changedSeq }) {
                            continue
                        }
                        printer.line(message)
                    }
                }
            }
        }
    }
}

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

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let directs = try await Servers.locate(global).withDatabase { try await $0.administration.directs() }
            let now = Date()
            Listing.write(
                directs,
                columns: [
                    Column("ID") { "\($0.room.id)" },
                    Column("PEOPLE", shrinks: true) { $0.people.joined(separator: ", ") },
                    Column("MESSAGES", alignment: .right) { String($0.room.messageCount) },
                    Column("LAST", plain: { $0.room.lastAt.map(TimeText.rfc3339) ?? "" }) {
                        $0.room.lastAt.map { TimeText.ago($0, now: now) } ?? "-"
                    },
                ],
                records: { DirectRecord(room: RoomRecord($0.room), people: $0.people) },
                summary: directs.count == 1 ? "1 conversation" : "\(directs.count) conversations",
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

        @Option(help: "With --reveal: how many messages.")
        var limit = 50

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let (direct, messages, names) = try await Servers.locate(global).withAll { chat, database in
                guard let direct = try await database.administration.directs().first(where: { "\($0.room.id)" == id })
                else {
                    throw Failure(.notFound, "there is no direct conversation \(id)", hint: "\(Programs.asTyped) dm ls")
                }
                guard reveal else { return (direct, [Message](), [UserID: String]()) }
                let entry = AuditEntry(.directReveal, of: .room(direct.room.id), by: Servers.actor, at: Date())
                try await database.administration.note(entry)
                let messages = try await database.administration.messages(
                    in: direct.room.id,
                    limit: max(1, min(limit, 1_000))
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
                records: { DirectRecord(room: RoomRecord($0.room), people: $0.people) },
                to: global.console
            )
        }
    }

    private struct DirectRecord: Encodable {
        let room: RoomRecord
        let people: [String]
    }
}
