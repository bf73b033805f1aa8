import ArgumentParser
import Domain
import Foundation
import Views

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Look after accounts.",
        subcommands: [
            Add.self, List.self, Show.self, Password.self, Rename.self, Role.self, Disable.self, Enable.self,
            Remove.self, Sessions.self, LogOut.self, Import.self,
        ],
        aliases: ["users"]
    )
}

/// Accounts on the command line.
struct UserArguments: ParsableArguments {
    @Argument(help: "Login names or ids.", completion: .custom { words, _, _ in NameCompletion.users(words) })
    var names: [String]
}

struct UserArgument: ParsableArguments {
    @Argument(help: "A login name or id.", completion: .custom { words, _, _ in NameCompletion.users(words) })
    var name: String
}

extension UserCommand {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Add an account; it joins the default rooms.",
            discussion:
                "On a terminal the password is asked for twice. It is never taken from the command line itself.",
            aliases: ["create"]
        )

        @Argument(help: "The login name: 1 to 32 of a-z 0-9 . _ -")
        var name: String

        @Option(help: ArgumentHelp("How the person is shown. (default: the login name)", valueName: "text"))
        var display: String?

        @Option(help: "member, moderator, admin or bot. A bot has no password but tokens.")
        var role = User.Role.member

        @Option(help: ArgumentHelp("Rooms to join, beside the default ones.", valueName: "list"))
        var rooms: String?

        @Flag(help: "It is no mistake when the account exists.")
        var ifNotExists = false

        @OptionGroup var password: PasswordOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let console = global.console
            let servers = try await Servers.locate(global)
            // Before the password is asked for: it would be typed for nothing.
            _ = try UserName(name)
            if try await exists(servers) {
                if ifNotExists { return console.note("User \(name) exists.") }
                throw alreadyExists
            }
            let secret = role == .bot ? nil : try password.read(for: name, mayAsk: !global.noInput)
            let wanted = rooms?.split(separator: ",").map(String.init) ?? []
            let (added, joined) = try await servers.withChat { chat in
                let others = try await Lookup.rooms(wanted, in: chat)
                let added = try await add(secret?.text, rooms: others.map(\.id), in: chat)
                let identity = Identity(user: added.user, session: .new(at: Date()))
                return (added, try await chat.rooms(by: .person(identity)).filter(\.joined).compactMap(\.room.name))
            }
            let user = added.user
            await News.send([.updated(user)] + .entries(added.joined), on: servers)
            let isGenerated = secret?.isGenerated ?? false
            if console.isJSON {
                let record = Created(data: UserView(user), password: isGenerated ? secret?.text : nil)
                return console.data(JSONText.encode(record))
            }
            if isGenerated, let secret { console.data(secret.text) }
            let list = joined.isEmpty ? "" : " Joined: \(joined.map { "#\($0)" }.joined(separator: ", "))."
            console.note("Created user \(user.name) (\(user.role.rawValue)).\(list)")
            if role == .bot { console.note("Next: \(Programs.asTyped) token create \(user.name) --name NAME") }
        }

        private func exists(_ servers: Servers) async throws -> Bool {
            try await servers.withChat { chat in
                try await chat.users(by: Servers.actor).contains { $0.name == name.lowercased() }
            }
        }

        private func add(_ secret: String?, rooms: [RoomID], in chat: Chat) async throws -> AddedAccount {
            let draft = AccountDraft(name: name, displayName: display, password: secret, role: role, rooms: rooms)
            do {
                return try await chat.addUsers([draft], by: Servers.actor)[0]
            } catch ChatError.conflict {
                throw alreadyExists
            }
        }

        private var alreadyExists: Failure {
            Failure(
                .exists,
                "user \"\(name)\" already exists",
                hint: "a new password: \(Programs.asTyped) user passwd \(name)"
            )
        }

        private struct Created: Encodable {
            let data: UserView
            let password: String?
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List accounts.",
            aliases: ["list"]
        )

        @Option(help: "Only those with this role.")
        var role: User.Role?

        @Flag(help: "Only those that are disabled.")
        var disabled = false

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: UserView.self)
            let all = try await Servers.locate(global).withChat { try await $0.users(by: Servers.actor) }
            let users = all.filter { (role == nil || $0.role == role) && (!disabled || $0.disabledAt != nil) }
            let now = Date()
            try Listing.write(
                users,
                columns: [
                    Column("NAME") { $0.name },
                    Column("DISPLAY", shrinks: true) { $0.displayName },
                    Column("ROLE") { $0.role.rawValue },
                    Column("STATE") { $0.disabledAt == nil ? "active" : "disabled" },
                    Column("CREATED", plain: { TimeText.rfc3339($0.createdAt) }) {
                        TimeText.ago($0.createdAt, now: now)
                    },
                ],
                records: UserView.init,
                choice: choice,
                counting: "user",
                "users",
                to: global.console
            )
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "show", abstract: "Show accounts.")

        @OptionGroup var users: UserArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let rows = try await Servers.locate(global).withChat { chat in
                var rows: [(user: User, rooms: [String], sessions: Int, tokens: Int)] = []
                for name in users.names {
                    let user = try await Lookup.user(name, in: chat)
                    let identity = Identity(user: user, session: .new(at: Date()))
                    let rooms = try await chat.rooms(by: .person(identity)).filter(\.joined).compactMap(\.room.name)
                    let sessions = try await chat.sessions(of: user.id, by: Servers.actor).count
                    let tokens = try await chat.tokens(of: user.id, by: Servers.actor).count
                    rows.append((user, rooms, sessions, tokens))
                }
                return rows
            }
            Listing.details(
                rows,
                fields: [
                    Column("name") { $0.user.name },
                    Column("display name") { $0.user.displayName },
                    Column("id") { "\($0.user.id)" },
                    Column("role") { $0.user.role.rawValue },
                    Column("state") { $0.user.disabledAt == nil ? "active" : "disabled" },
                    Column("created") { TimeText.rfc3339($0.user.createdAt) },
                    Column("rooms") { $0.rooms.map { "#\($0)" }.joined(separator: ", ") },
                    Column("sessions") { String($0.sessions) },
                    Column("tokens") { String($0.tokens) },
                ],
                records: { UserView($0.user) },
                to: global.console
            )
        }
    }
}

extension User.Role: ExpressibleByArgument {
    /// The role with that name.
    public init?(argument: String) { self.init(rawValue: argument) }
    /// What help and error messages offer.
    public static var allValueStrings: [String] { allCases.map(\.rawValue) }
}
