import ArgumentParser
import Domain
import Foundation
import Storage
import Views

extension UserCommand {
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Remove an account for good. Its messages stay, without its name.",
            discussion: """
                `user disable` keeps somebody out and can be undone. With --purge-messages the account is disabled first, \
                then its messages are deleted step by step, then it is removed; when that is interrupted, the same \
                command goes on.
                """,
            aliases: ["delete"]
        )

        @OptionGroup var user: UserArgument

        @Flag(help: "Delete its messages too, in all rooms and direct conversations; marks of them stay.")
        var purgeMessages = false

        @Flag(help: "It is no mistake when there is no such account.")
        var missingOk = false

        @OptionGroup var confirm: ConfirmOption
        @OptionGroup var global: GlobalOptions

        private struct Removed: Encodable {
            let data: UserView
            let messages_deleted: Int?
        }

        func run() async throws {
            let servers = try await Servers.locate(global)
            let (found, said): (User, [(room: RoomID, messages: Int64)])
            do {
                (found, said) = try await servers.withAll { chat, database in
                    let found = try await Lookup.user(user.name, in: chat)
                    return (found, purgeMessages ? try await database.administration.said(by: found.id) : [])
                }
            } catch let failure as Failure where failure.kind == .notFound && missingOk {
                return global.console.note("There is no user \(user.name).")
            }
            let total = Int(said.reduce(0) { $0 + $1.messages })
            try global.confirmation.ask(
                warning(found, messages: total, rooms: said.count),
                typing: found.name,
                as: "the login name",
                given: confirm.confirm
            )
            let purged = purgeMessages ? try await purge(found, said.map(\.room), total, servers) : nil
            let deletion = try await servers.withChat { try await $0.deleteUser(found.id, by: Servers.actor) }
            await News.send(
                .entries(deletion.left) + [.updated(deletion.user), .accessChanged],
                on: servers
            )
            if global.json {
                let record = Removed(data: UserView(deletion.user), messages_deleted: purged)
                return global.console.data(JSONText.encode(record))
            }
            global.console.note("Removed \(found.name)\(purged.map { " and deleted \(Self.messages($0))" } ?? "").")
        }

        private func warning(_ user: User, messages: Int, rooms: Int) -> String {
            let account = "This removes the account \(user.name)"
            guard purgeMessages else { return "\(account). It cannot be undone." }
            let places = rooms == 1 ? "1 room" : "\(TimeText.number(rooms)) rooms"
            return "\(account) and deletes its \(Self.messages(messages)) in \(places). It cannot be undone."
        }

        private static func messages(_ count: Int) -> String {
            count == 1 ? "1 message" : "\(TimeText.number(count)) messages"
        }

        /// Deletes what somebody said, and lets everybody see it go.
        private func purge(_ user: User, _ rooms: [RoomID], _ total: Int, _ servers: Servers) async throws -> Int {
            // Else they could go on talking meanwhile.
            let disabled = try await servers.withChat {
                try await $0.updateUser(user.id, UserChange(isDisabled: true), by: Servers.actor)
            }
            await News.send([.updated(disabled.after), .accessChanged], on: servers)
            let progress = ProgressBar(global.console, "deleting messages")
            defer { progress.end() }
            return try await servers.withDatabase { database in
                var count = 0
                for room in rooms {
                    var last: Int64 = 0
                    while true {
                        let deleted = try await database.administration.purge(
                            user,
                            in: room,
                            after: last,
                            by: Servers.actor,
                            at: Date()
                        )
                        guard let end = deleted.last else { break }
                        last = end.seq
                        count += deleted.count
                        await News.send(.entries(deleted), on: servers)
                        progress.show(count, of: total)
                    }
                }
                return count
            }
        }
    }
}
