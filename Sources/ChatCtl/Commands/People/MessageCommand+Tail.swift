import ArgumentParser
import Domain
import Foundation
import Storage

extension MessageCommand {
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
