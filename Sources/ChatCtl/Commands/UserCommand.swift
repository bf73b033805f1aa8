import ArgumentParser
import Domain
import Foundation

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Add and list accounts.",
        subcommands: [Add.self, List.self],
        aliases: ["users"]
    )
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

        @Option(help: "member, moderator, admin or bot.")
        var role = User.Role.member

        @OptionGroup var password: PasswordOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let console = global.console
            let secret = try password.read(for: name, mayAsk: !global.noInput)
            let (user, rooms) = try await Servers.locate(global).withChat { chat in
                do {
                    let user = try await chat.addUser(
                        name: name,
                        displayName: display,
                        password: secret.text,
                        role: role,
                        by: Servers.actor
                    )
                    let identity = Identity(user: user, session: .new(at: Date()))
                    let joined = try await chat.rooms(by: .person(identity)).filter(\.joined)
                    return (user, joined.compactMap(\.room.name))
                } catch ChatError.conflict {
                    throw Failure(
                        .exists,
                        "user \"\(name)\" already exists",
                        hint: "see the accounts with: \(Programs.asTyped) user ls"
                    )
                }
            }
            if console.isJSON {
                let generated = secret.isGenerated ? secret.text : nil
                return console.data(JSONText.encode(Created(data: UserRecord(user), password: generated)))
            }
            if secret.isGenerated { console.data(secret.text) }
            let joined = rooms.isEmpty ? "" : " Joined: \(rooms.map { "#\($0)" }.joined(separator: ", "))."
            console.note("Created user \(user.name) (\(user.role.rawValue)).\(joined)")
        }

        private struct Created: Encodable {
            let data: UserRecord
            let password: String?
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List accounts.",
            aliases: ["list"]
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let users = try await Servers.locate(global).withChat { try await $0.users(by: Servers.actor) }
            let now = Date()
            Listing.write(
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
                records: UserRecord.init,
                summary: users.count == 1 ? "1 user" : "\(users.count) users",
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
