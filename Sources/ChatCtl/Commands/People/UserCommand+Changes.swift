import ArgumentParser
import Domain
import Foundation
import Views

extension UserCommand {
    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "passwd",
            abstract: "Set a new password and end all sessions of the account."
        )

        @OptionGroup var user: UserArgument
        @OptionGroup var password: PasswordOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let console = global.console
            let servers = try await Servers.locate(global)
            let found = try await servers.withChat { try await Lookup.user(user.name, in: $0) }
            let secret = try password.read(for: found.name, mayAsk: !global.noInput)
            let ended = try await servers.withChat { chat in
                try await chat.resetPassword(of: found.id, to: secret.text, by: Servers.actor)
            }
            await News.send(.ended(ended), on: servers)
            if console.isJSON {
                let generated = secret.isGenerated ? secret.text : nil
                return console.data(JSONText.encode(["data": Changed(user: found.name, password: generated)]))
            }
            if secret.isGenerated { console.data(secret.text) }
            console.note("\(found.name) has a new password; \(ended.count) sessions ended.")
        }

        private struct Changed: Encodable {
            let user: String
            let password: String?
        }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rename",
            abstract: "Change the login name, or with --display how the person is shown."
        )

        @OptionGroup var user: UserArgument

        @Argument(help: "The new login name.")
        var newName: String?

        @Option(help: ArgumentHelp("How the person is shown.", valueName: "text"))
        var display: String?

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            if newName == nil, display == nil { throw ValidationError("give a new name, or --display TEXT") }
        }

        func run() async throws {
            let change = UserChange(
                name: try newName.map { try UserName($0) },
                displayName: try display.map { try DisplayName($0) }
            )
            let after = try await UserChanges.make([user.name], change, global)[0]
            global.console.note("\(user.name) is now \(after.name), shown as \(SafeText.escaped(after.displayName)).")
        }
    }

    struct Role: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "role",
            abstract: "Change what an account may do. Its connections are made anew."
        )

        @OptionGroup var user: UserArgument

        @Argument(help: "member, moderator, admin or bot.")
        var role: User.Role

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await UserChanges.make([user.name], UserChange(role: role), global)[0]
            global.console.note("\(after.name) is \(after.role.rawValue).")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable",
            abstract: "Keep accounts out: their sessions end and their connections are cut."
        )

        @OptionGroup var users: UserArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await UserChanges.make(users.names, UserChange(isDisabled: true), global)
            global.console.note("Disabled \(after.map(\.name).joined(separator: ", ")).")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable",
            abstract: "Let accounts in again."
        )

        @OptionGroup var users: UserArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let after = try await UserChanges.make(users.names, UserChange(isDisabled: false), global)
            global.console.note("Enabled \(after.map(\.name).joined(separator: ", ")).")
        }
    }

    struct Sessions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sessions",
            abstract: "List where somebody is logged in."
        )

        @OptionGroup var user: UserArgument
        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: SessionView.self)
            let sessions = try await Servers.locate(global).withChat { chat in
                try await chat.sessions(of: try await Lookup.user(user.name, in: chat).id, by: Servers.actor)
            }
            let now = Date()
            try Listing.write(
                sessions,
                columns: [
                    Column("ID") { "\($0.id)" },
                    Column("CREATED", plain: { TimeText.rfc3339($0.createdAt) }) {
                        TimeText.ago($0.createdAt, now: now)
                    },
                    Column("USED", plain: { TimeText.rfc3339($0.lastUsedAt) }) {
                        TimeText.ago($0.lastUsedAt, now: now)
                    },
                    Column("ADDRESS") { $0.client.address ?? "" },
                    Column("BROWSER", shrinks: true) { $0.client.userAgent ?? "" },
                ],
                records: { SessionView($0) },
                choice: choice,
                counting: "session",
                "sessions",
                to: global.console
            )
        }
    }

    struct LogOut: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logout",
            abstract: "End all sessions of accounts."
        )

        @OptionGroup var users: UserArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let ended = try await Change.make(global) { chat in
                var ended: [SessionID] = []
                for name in users.names {
                    let user = try await Lookup.user(name, in: chat)
                    ended += try await chat.revokeSessions(of: user.id, by: Servers.actor)
                }
                return ended
            } news: {
                .ended($0)
            } json: { ended in
                Listing.json(ended.map { ["id": "\($0)"] })
            }
            global.console.note("\(ended.count == 1 ? "1 session" : "\(ended.count) sessions") ended.")
        }
    }
}

/// What changes of accounts share: the change, the news, and the cut of connections that stand for something else now.
enum UserChanges {
    static func make(_ names: [String], _ change: UserChange, _ global: GlobalOptions) async throws -> [User] {
        try await Change.make(global) { chat in
            var users: [User] = []
            for name in names { users.append(try await Lookup.user(name, in: chat)) }
            var updates: [UserUpdate] = []
            for user in users {
                do {
                    updates.append(try await chat.updateUser(user.id, change, by: Servers.actor))
                } catch ChatError.conflict(let field, _) where field == "name" {
                    throw Failure(.exists, "this name is taken", hint: "\(Programs.asTyped) user ls")
                }
            }
            return updates
        } news: { updates in
            let cuts: [News] = updates.contains(where: \.outdatesSockets) ? [.accessChanged] : []
            return updates.map { News.updated($0.after) } + cuts
        } json: { updates in
            Listing.json(updates.map { UserView($0.after) })
        }
        .map(\.after)
    }
}

extension [News] {
    /// The sockets of sessions that have ended are cut.
    static func ended(_ sessions: [SessionID]) -> [News] { sessions.isEmpty ? [] : [.accessChanged] }

    static func entries(_ messages: [Message]) -> [News] { News.entries(messages) }
}
