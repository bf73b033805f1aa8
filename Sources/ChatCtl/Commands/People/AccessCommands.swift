import ArgumentParser
import Domain
import Foundation
import Views

struct BanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ban",
        abstract: "Keep people or addresses out.",
        subcommands: [Add.self, List.self, Remove.self],
        aliases: ["bans"]
    )

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Ban a person or a range of addresses; live connections of the person are cut."
        )

        @Argument(help: "A login name, an address, or a range such as 203.0.113.0/24.")
        var subject: String

        @Option(help: ArgumentHelp("For how long; without it until it is lifted.", valueName: "time"))
        var `for`: Span?

        @Option(help: ArgumentHelp("Why.", valueName: "text"))
        var reason = ""

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let ban = try await Change.make(global) { chat in
                let found: Ban.Subject =
                    if let range = AddressRange(subject) { .address(range) } else {
                        .user(try await Lookup.user(subject, in: chat).id)
                    }
                let until = self.for.map { Date().addingTimeInterval($0.seconds) }
                return try await chat.ban(found, until: until, reason: reason, by: Servers.actor)
            } news: { _ in
                [.accessChanged]
            } json: {
                JSONText.encode(["data": BanView($0)])
            }
            global.console.note(
                "Banned \(SafeText.escaped(subject)). Lift it with: \(Programs.asTyped) ban rm \(ban.id)"
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the bans that hold.",
            aliases: ["list"]
        )

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: BanView.self)
            let (bans, names) = try await Servers.locate(global).withChat { chat in
                (try await chat.bans(by: Servers.actor), try await MessagePrinter.names(chat))
            }
            let now = Date()
            try Listing.write(
                bans,
                columns: [
                    Column("ID") { "\($0.id)" },
                    Column("WHO") { ban in
                        switch ban.subject {
                        case .user(let id): names[id] ?? "\(id)"
                        case .address(let range): range.description
                        }
                    },
                    Column("ENDS", plain: { $0.until.map(TimeText.rfc3339) ?? "" }) {
                        $0.until.map { TimeText.until($0, now: now) } ?? "when lifted"
                    },
                    Column("REASON", shrinks: true) { $0.reason },
                ],
                records: BanView.init,
                choice: choice,
                counting: "ban",
                "bans",
                to: global.console
            )
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm",
            abstract: "Lift a ban.",
            aliases: ["delete", "lift"]
        )

        @Argument(help: "Its id.")
        var id: String

        @Flag(help: "It is no mistake when there is no such ban.")
        var missingOk = false

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            do {
                let ban = try await Servers.locate(global).withChat { chat in
                    guard let id = BanID(id) else { throw ChatError.notFound }
                    return try await chat.liftBan(id, by: Servers.actor)
                }
                if global.json { return global.console.data(JSONText.encode(["data": BanView(ban)])) }
                global.console.note("Lifted.")
            } catch ChatError.notFound {
                if missingOk { return global.console.note("There is no such ban.") }
                throw Failure(.notFound, "there is no ban \(id)", hint: "\(Programs.asTyped) ban ls")
            }
        }
    }
}

struct InviteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite",
        abstract: "Make and end links with which people make accounts of their own.",
        subcommands: [Create.self, List.self, Revoke.self],
        aliases: ["invites"]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a link. It is shown once.",
            aliases: ["add"]
        )

        @Option(help: "How many accounts can be made with it.")
        var uses: Int64?

        @Option(help: ArgumentHelp("How long it is good.", valueName: "time"))
        var expires: Span?

        @Option(help: ArgumentHelp("Rooms that new people join, beside the default ones.", valueName: "list"))
        var rooms: String?

        @OptionGroup var global: GlobalOptions

        private struct Created: Encodable {
            let data: InviteView
            let code: String
            let url: String
        }

        func run() async throws {
            let issued = try await Servers.locate(global).withChat { chat in
                let names = rooms?.split(separator: ",").map(String.init) ?? []
                return try await chat.createInvite(
                    usesMax: uses,
                    expiresIn: expires.map { Int64($0.seconds) },
                    rooms: try await Lookup.rooms(names, in: chat).map(\.id),
                    by: Servers.actor
                )
            }
            let base = SupervisorState.read(global.dataDirectory)?.url ?? ""
            let url = "\(base)/#invite=\(issued.code)"
            if global.json {
                let record = Created(data: InviteView(issued.invite), code: issued.code, url: url)
                return global.console.data(JSONText.encode(record))
            }
            global.console.data(url)
            global.console.note(
                "It is shown only now. End it with: \(Programs.asTyped) invite revoke \(issued.invite.id)"
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List invites.",
            aliases: ["list"]
        )

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: InviteView.self)
            let invites = try await Servers.locate(global).withChat { try await $0.invites(by: Servers.actor) }
            let now = Date()
            try Listing.write(
                invites,
                columns: [
                    Column("ID") { "\($0.id)" },
                    Column("USES", alignment: .right) { "\($0.uses)" + ($0.usesMax.map { "/\($0)" } ?? "") },
                    Column("STATE") { $0.isUsable(at: now) ? "good" : "ended" },
                    Column("EXPIRES", plain: { $0.expiresAt.map(TimeText.rfc3339) ?? "" }) {
                        $0.expiresAt.map { TimeText.until($0, now: now) } ?? "never"
                    },
                    Column("CREATED", plain: { TimeText.rfc3339($0.createdAt) }) {
                        TimeText.ago($0.createdAt, now: now)
                    },
                ],
                records: InviteView.init,
                choice: choice,
                counting: "invite",
                "invites",
                to: global.console
            )
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "End an invite.",
            aliases: ["rm"]
        )

        @Argument(help: "Its id.")
        var id: String

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            do {
                try await Servers.locate(global).withChat { chat in
                    guard let id = InviteID(id) else { throw ChatError.notFound }
                    try await chat.revokeInvite(id, by: Servers.actor)
                }
            } catch ChatError.notFound {
                throw Failure(.notFound, "there is no invite \(id)", hint: "\(Programs.asTyped) invite ls")
            }
            if global.json { return global.console.data(JSONText.encode(["data": ["id": id]])) }
            global.console.note("Ended.")
        }
    }
}

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make and end tokens with which programs log in.",
        subcommands: [Create.self, List.self, Revoke.self],
        aliases: ["tokens"]
    )

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a token for an account. It is printed once, alone on standard output.",
            aliases: ["add"]
        )

        @OptionGroup var user: UserArgument

        @Option(help: ArgumentHelp("What it is for.", valueName: "text"))
        var name: String

        @Option(help: ArgumentHelp("chat, admin, or both.", valueName: "list"))
        var scopes = "chat"

        @Option(help: ArgumentHelp("How long it is good; without it until it is revoked.", valueName: "time"))
        var expires: Span?

        @OptionGroup var global: GlobalOptions

        private struct Created: Encodable {
            let data: TokenView
            let secret: String
        }

        func run() async throws {
            let wanted = try Set(
                scopes.split(separator: ",").map { word in
                    guard let scope = Scope(rawValue: String(word)), Scope.ofTokens.contains(scope) else {
                        throw Failure(.usage, "there is no scope \"\(word)\"", hint: "scopes are chat and admin")
                    }
                    return scope
                }
            )
            let issued = try await Servers.locate(global).withChat { chat in
                try await chat.issueToken(
                    for: try await Lookup.user(user.name, in: chat).id,
                    name: name,
                    scopes: wanted,
                    expiresIn: expires.map { Int64($0.seconds) },
                    by: Servers.actor
                )
            }
            if global.json {
                let record = Created(data: TokenView(issued.token), secret: issued.secret)
                return global.console.data(JSONText.encode(record))
            }
            global.console.data(issued.secret)
            global.console.note("It is shown only now.")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the tokens of an account.",
            aliases: ["list"]
        )

        @OptionGroup var user: UserArgument
        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: TokenView.self)
            let tokens = try await Servers.locate(global).withChat { chat in
                try await chat.tokens(of: try await Lookup.user(user.name, in: chat).id, by: Servers.actor)
            }
            let now = Date()
            let records = tokens.map { (token: $0, record: TokenView($0)) }
            try Listing.write(
                records,
                columns: [
                    Column("ID") { $0.record.id },
                    Column("NAME", shrinks: true) { $0.record.name },
                    Column("SCOPES") { $0.record.scopes.joined(separator: ",") },
                    Column("USED", plain: { TimeText.rfc3339($0.token.lastUsedAt) }) {
                        TimeText.ago($0.token.lastUsedAt, now: now)
                    },
                    Column("EXPIRES", plain: { $0.token.expiresAt.map(TimeText.rfc3339) ?? "" }) {
                        $0.token.expiresAt.map { TimeText.until($0, now: now) } ?? "never"
                    },
                ],
                records: \.record,
                choice: choice,
                counting: "token",
                "tokens",
                to: global.console
            )
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "End a token; connections that were made with it are cut.",
            aliases: ["rm"]
        )

        @OptionGroup var user: UserArgument

        @Argument(help: "The token's id.")
        var id: String

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let servers = try await Servers.locate(global)
            let token = try await servers.withChat { chat in
                let user = try await Lookup.user(user.name, in: chat)
                guard let token = SessionID(id) else { throw Failure(.notFound, "there is no token \(id)") }
                do {
                    try await chat.revokeToken(token, of: user.id, by: Servers.actor)
                } catch ChatError.notFound {
                    throw Failure(.notFound, "\(user.name) has no token \(id)")
                }
                return token
            }
            await News.send(.ended([token]), on: servers)
            if global.json { return global.console.data(JSONText.encode(["data": ["id": id]])) }
            global.console.note("Revoked.")
        }
    }
}
