import ArgumentParser
import Domain
import Foundation
import Storage
import Views

struct RoomCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "room",
        abstract: "Look after rooms.",
        subcommands: [
            Create.self, List.self, Show.self, Rename.self, Topic.self, Versions.self, Archive.self,
            Restore.self, Remove.self, Members.self, Add.self, Kick.self, Role.self, Export.self,
        ],
        aliases: ["rooms"]
    )
}

struct RoomArgument: ParsableArguments {
    @Argument(help: "A room's name or id.", completion: .custom { words, _, _ in NameCompletion.rooms(words) })
    var name: String
}

extension RoomCommand {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Create a room.",
            aliases: ["add-room"]
        )

        @Argument(help: "The name: 1 to 64 of a-z 0-9 _ -")
        var name: String

        @Option(help: ArgumentHelp("What the room is about.", valueName: "text"))
        var topic = ""

        @Flag(name: .customLong("private"), help: "Only members see it.")
        var isPrivate = false

        @Flag(name: .customLong("default"), help: "New accounts join it.")
        var isDefault = false

        @Option(help: ArgumentHelp("People who are in it from the beginning.", valueName: "list"))
        var members: String?

        @Option(
            help: ArgumentHelp("Who owns it.", valueName: "name"),
            completion: .custom { words, _, _ in NameCompletion.users(words) }
        )
        var owner: String?

        @Flag(help: "It is no mistake when the room exists.")
        var ifNotExists = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let console = global.console
            let servers = try await Servers.locate(global)
            let (room, news) = try await servers.withChat { chat in
                if ifNotExists, let room = try? await Lookup.room(name, in: chat) { return (room, [News]()) }
                let owners = try await Lookup.users(owner.map { [$0] } ?? [], in: chat)
                let people = try await Lookup.users(members?.split(separator: ",").map(String.init) ?? [], in: chat)
                let receipt = try await create(chat, people: (owners + people).map(\.id))
                var news = News.created(receipt)
                for user in owners {
                    let changed = try await chat.setRole(.owner, of: user.id, in: receipt.summary.id, by: Servers.actor)
                    news += changed.message.map { News.entries([$0]) } ?? []
                }
                return (receipt.summary.room, news)
            }
            await News.send(news, on: servers)
            if console.isJSON { return console.data(JSONText.encode(["data": RoomView(public: room)])) }
            console.note(news.isEmpty ? "#\(name) exists." : "Created #\(room.name ?? name).")
        }

        private func create(_ chat: Chat, people: [UserID]) async throws -> RoomReceipt {
            do {
                let receipt = try await chat.createRoom(
                    name: name,
                    topic: topic,
                    kind: isPrivate ? .private : .public,
                    members: people,
                    by: Servers.actor
                )
                if isDefault {
                    _ = try await chat.updateRoom(receipt.summary.id, isDefault: true, by: Servers.actor)
                }
                return receipt
            } catch ChatError.conflict {
                throw Failure(
                    .exists,
                    "room \"\(name)\" already exists",
                    hint: "see the rooms with: \(Programs.asTyped) room ls"
                )
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List rooms.",
            aliases: ["list"]
        )

        @Flag(help: "Archived rooms too.")
        var archived = false

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: RoomView.self)
            let summaries = try await Servers.locate(global).withChat { try await $0.rooms(by: Servers.actor) }
            let rooms = summaries.map(\.room).filter { $0.kind != .direct && (archived || $0.archivedAt == nil) }
            let now = Date()
            try Listing.write(
                rooms,
                columns: [
                    Column("NAME") { $0.name ?? "" },
                    Column("KIND") { $0.kind.rawValue + ($0.archivedAt == nil ? "" : ", archived") },
                    Column("MESSAGES", alignment: .right) { String($0.messageCount) },
                    Column("CREATED", plain: { TimeText.rfc3339($0.createdAt) }) {
                        TimeText.ago($0.createdAt, now: now)
                    },
                    Column("TOPIC", shrinks: true) { $0.topic },
                ],
                records: { RoomView(public: $0) },
                choice: choice,
                counting: "room",
                "rooms",
                to: global.console
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show a room.")

        @OptionGroup var room: RoomArgument
        @OptionGroup var global: GlobalOptions

        private struct Row: Sendable {
            let room: Room
            let size: Administration.RoomSize
        }

        func run() async throws {
            let row = try await Servers.locate(global).withAll { chat, database in
                let room = try await Lookup.room(room.name, in: chat)
                return Row(room: room, size: try await database.administration.size(of: room.id))
            }
            let fields: [Column<Row>] = [
                Column("name") { $0.room.name ?? "" },
                Column("id") { "\($0.room.id)" },
                Column("kind") { $0.room.kind.rawValue },
                Column("topic") { $0.room.topic },
                Column("default") { $0.room.isDefault ? "yes" : "no" },
                Column("old versions") { $0.room.keepsVersions ? "kept" : "forgotten" },
                Column("archived") { $0.room.archivedAt.map(TimeText.rfc3339) ?? "no" },
                Column("created") { TimeText.rfc3339($0.room.createdAt) },
                Column("members") { String($0.size.people) },
                Column("messages") { String($0.size.messages) },
                Column("reactions") { String($0.size.reactions) },
                Column("last number") { String($0.room.lastSeq) },
            ]
            Listing.details([row], fields: fields, records: { RoomView(public: $0.room) }, to: global.console)
        }
    }

    struct Members: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "members", abstract: "List who is in a room.")

        @OptionGroup var room: RoomArgument
        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: MemberView.self)
            let members = try await Servers.locate(global).withAll { chat, database in
                try await database.administration.members(of: try await Lookup.room(room.name, in: chat).id)
            }
            let now = Date()
            try Listing.write(
                members,
                columns: [
                    Column("NAME") { $0.user.name },
                    Column("DISPLAY", shrinks: true) { $0.user.displayName },
                    Column("ROLE") { $0.role.rawValue },
                    Column("JOINED", plain: { TimeText.rfc3339($0.joinedAt) }) { TimeText.ago($0.joinedAt, now: now) },
                    Column("MUTED UNTIL") { $0.mutedUntil.map(TimeText.rfc3339) ?? "" },
                ],
                records: MemberView.init,
                choice: choice,
                counting: "member",
                "members",
                to: global.console
            )
        }
    }
}
