import ArgumentParser
import Domain
import Foundation

struct RoomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room",
        abstract: "Create and list rooms.",
        subcommands: [Create.self, List.self],
        aliases: ["rooms"]
    )
}

extension RoomCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create a public room.",
            aliases: ["add"]
        )

        @Argument(help: "The name: 1 to 64 of a-z 0-9 _ -")
        var name: String

        @Option(help: ArgumentHelp("What the room is about.", valueName: "text"))
        var topic = ""

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let console = global.console
            let servers = try await Servers.locate(global)
            let summary = try await servers.withChat { chat in
                do {
                    return try await chat.createRoom(name: name, topic: topic, by: Servers.actor).summary
                } catch ChatError.conflict {
                    throw Failure(
                        .exists,
                        "room \"\(name)\" already exists",
                        hint: "see the rooms with: \(Programs.asTyped) room ls"
                    )
                }
            }
            await Announcement.roomCreated(summary, on: servers)
            if console.isJSON { return console.data(JSONText.encode(["data": RoomRecord(summary.room)])) }
            console.note("Created #\(summary.room.name ?? name).")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List rooms.",
            aliases: ["list"]
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let summaries = try await Servers.locate(global).withChat { try await $0.rooms(by: Servers.actor) }
            let rooms = summaries.map(\.room).filter { $0.kind != .direct }
            let now = Date()
            Listing.write(
                rooms,
                columns: [
                    Column("NAME") { $0.name ?? "" },
                    Column("KIND") { $0.kind.rawValue },
                    Column("MESSAGES", alignment: .right) { String($0.messageCount) },
                    Column("CREATED", plain: { TimeText.rfc3339($0.createdAt) }) {
                        TimeText.ago($0.createdAt, now: now)
                    },
                    Column("TOPIC", shrinks: true) { $0.topic },
                ],
                records: RoomRecord.init,
                summary: rooms.count == 1 ? "1 room" : "\(rooms.count) rooms",
                to: global.console
            )
        }
    }
}
