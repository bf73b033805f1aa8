import ArgumentParser
import Domain
import Foundation
import Storage
import Views

extension RoomCommand {
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rename", abstract: "Give a room another name.")

        @OptionGroup var room: RoomArgument

        @Argument(help: "The new name.")
        var newName: String

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await RoomChanges.make(room.name, global) { chat, id in
                do {
                    return try await chat.updateRoom(id, name: newName, by: Servers.actor)
                } catch ChatError.conflict {
                    throw Failure(.exists, "room \"\(newName)\" already exists")
                }
            }
            global.console.note("#\(room.name) is now #\(after.name ?? newName).")
        }
    }

    struct Topic: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "topic", abstract: "Say what a room is about.")

        @OptionGroup var room: RoomArgument

        @Argument(help: "The topic; an empty text takes it away.")
        var topic: String

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await RoomChanges.make(room.name, global) { chat, id in
                try await chat.updateRoom(id, topic: topic, by: Servers.actor)
            }
            global.console.note("#\(after.name ?? room.name): \(SafeText.escaped(after.topic))")
        }
    }

    struct Versions: AsyncParsableCommand {
        enum Policy: String, CaseIterable, ExpressibleByArgument {
            case keep, forget
        }

        static let configuration = CommandConfiguration(
            commandName: "versions",
            abstract: "Say whether a room keeps what edited messages said before."
        )

        @OptionGroup var room: RoomArgument

        @Argument(help: "keep: its members can read it; forget: what is kept is removed.")
        var policy: Policy

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await RoomChanges.make(room.name, global) { chat, id in
                try await chat.updateRoom(id, keepsVersions: policy == .keep, by: Servers.actor)
            }
            let verb = after.keepsVersions ? "keeps" : "forgets"
            global.console.note("#\(after.name ?? room.name) \(verb) what edited messages said before.")
        }
    }

    struct Archive: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "archive",
            abstract: "Close a room for writing; what was said stays."
        )

        @OptionGroup var room: RoomArgument
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await RoomChanges.make(room.name, global) { chat, id in
                try await chat.archive(id, by: Servers.actor)
            }
            global.console.note("Archived #\(after.name ?? room.name).")
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "restore",
            abstract: "Open an archived room again."
        )

        @OptionGroup var room: RoomArgument
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await RoomChanges.make(room.name, global) { chat, id in
                try await chat.restore(id, by: Servers.actor)
            }
            global.console.note("Restored #\(after.name ?? room.name).")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove a room and everything that was said in it, for good.",
            aliases: ["delete"]
        )

        @OptionGroup var room: RoomArgument

        @Flag(help: "It is no mistake when there is no such room.")
        var missingOk = false

        @OptionGroup var confirm: ConfirmOption
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let servers = try await Servers.locate(global)
            let found: (room: Room, size: Administration.RoomSize)
            do {
                found = try await servers.withAll { chat, database in
                    let room = try await Lookup.room(room.name, in: chat)
                    return (room, try await database.administration.size(of: room.id))
                }
            } catch let failure as Failure where failure.kind == .notFound && missingOk {
                return global.console.note("There is no room \(room.name).")
            }
            let name = found.room.name ?? ""
            func number(_ value: Int64) -> String { TimeText.number(Int(value)) }
            try global.confirmation.ask(
                """
                This deletes #\(name), \(number(found.size.messages)) messages and \(number(found.size.reactions)) \
                reactions for \(number(found.size.people)) people. It cannot be undone.
                (\(Programs.asTyped) room archive \(name) keeps them.)
                """,
                typing: name,
                as: "the room name",
                given: confirm.confirm
            )
            let people = try await servers.withAll { _, database in
                let people = try await database.administration.members(of: found.room.id).map(\.user.id)
                try await database.administration.deleteRoom(found.room, by: Servers.actor, at: Date())
                return people
            }
            await News.send(RoomChanges.gone(found.room, people), on: servers)
            if global.json { return global.console.data(JSONText.encode(["data": RoomView(public: found.room)])) }
            global.console.note("Removed #\(name).")
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "add", abstract: "Add people to a room.")

        @OptionGroup var room: RoomArgument
        @OptionGroup var users: UserArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await RoomChanges.make(room.name, global) { chat, id in
                let people = try await Lookup.users(users.names, in: chat).map(\.id)
                return try await chat.invite(people, to: id, by: Servers.actor)
            }
            global.console.note("Added \(users.names.joined(separator: ", ")) to #\(after.name ?? room.name).")
        }
    }

    struct Kick: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "kick", abstract: "Take a person out of a room.")

        @OptionGroup var room: RoomArgument
        @OptionGroup var user: UserArgument

        @Option(help: ArgumentHelp("Why; for the audit log.", valueName: "text"))
        var reason: String?

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            _ = try await Change.make(global) { chat in
                let room = try await Lookup.room(room.name, in: chat)
                let user = try await Lookup.user(user.name, in: chat)
                return try await chat.kick(user.id, from: room.id, reason: reason, by: Servers.actor)
            } news: {
                .entries([$0])
            } json: {
                JSONText.encode(["data": MessageView($0)])
            }
            global.console.note("\(user.name) is no member of #\(room.name) any more.")
        }
    }

    struct Role: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "role",
            abstract: "Change what a member may do in a room."
        )

        @OptionGroup var room: RoomArgument
        @OptionGroup var user: UserArgument

        @Argument(help: "owner, moderator or member.")
        var role: RoomRole

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let receipt = try await Change.make(global) { chat in
                let room = try await Lookup.room(room.name, in: chat)
                let user = try await Lookup.user(user.name, in: chat)
                return try await chat.setRole(role, of: user.id, in: room.id, by: Servers.actor)
            } news: { receipt in
                let member = JSONText.encode(RoomChanges.MemberNews(receipt))
                let rooms = [News.room(receipt.room), News.user(receipt.user)]
                let entries = receipt.message.map { [$0] } ?? []
                return .entries(entries) + [.event("member:updated", json: member, to: rooms)]
            } json: {
                JSONText.encode(["data": RoomChanges.MemberNews($0)])
            }
            global.console.note("\(user.name) is \(receipt.role.rawValue) of #\(room.name).")
        }
    }
}

extension RoomRole: ExpressibleByArgument {
    /// The role with that name.
    public init?(argument: String) { self.init(rawValue: argument) }
    /// What help and error messages offer.
    public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}

/// What changes of rooms share.
enum RoomChanges {
    struct MemberNews: Encodable, Sendable {
        let room: String
        let user: String
        let role: String
        let muted_until: Date?

        init(_ receipt: MemberReceipt) {
            room = "\(receipt.room)"
            user = "\(receipt.user)"
            role = receipt.role.rawValue
            muted_until = receipt.mutedUntil
        }
    }

    private struct Left: Encodable {
        let room: String
        let user: String
        let seq: Int64
    }

    /// Makes the change, tells the live instances, and prints the room with `--json`.
    static func make(
        _ name: String,
        _ global: GlobalOptions,
        _ change: @Sendable (Chat, RoomID) async throws -> RoomReceipt
    ) async throws -> Room {
        try await Change.make(global) { chat in
            try await change(chat, try await Lookup.room(name, in: chat).id)
        } news: {
            .entries($0.entries) + News.updated($0.summary.room)
        } json: {
            JSONText.encode(["data": RoomView(public: $0.summary.room)])
        }
        .summary.room
    }

    /// A room that is no more, told as everybody's leaving.
    static func gone(_ room: Room, _ people: [UserID]) -> [News] {
        people.map { user in
            let json = JSONText.encode(Left(room: "\(room.id)", user: "\(user)", seq: room.lastSeq))
            return .event("room:left", json: json, to: [News.user(user)])
        }
    }
}
