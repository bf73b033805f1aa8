import ArgumentParser
import Domain
import Foundation
import Storage
import Views

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
            completion: .custom { words, _, _ in NameCompletion.users(words) }
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
                do {
                    return try await database.administration.send(
                        draft,
                        as: user,
                        to: room,
                        by: Servers.actor,
                        at: Date()
                    )
                } catch ChatError.notFound {
                    throw Failure(
                        .notPermitted,
                        "\(user.name) is no member of #\(room.name ?? "")",
                        hint: "\(Programs.asTyped) room add \(room.name ?? "") \(user.name)"
                    )
                }
            }
            if !receipt.duplicate { await News.send(.entries([receipt.message]), on: servers) }
            if global.json { return global.console.data(JSONText.encode(["data": MessageView(receipt.message)])) }
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
            if global.json { return global.console.data(JSONText.encode(["data": MessageView(message)])) }
            global.console.note("Deleted.")
        }
    }
}
