import ArgumentParser
import Domain
import Fleet
import Foundation

struct SocketsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sockets",
        abstract: "Look at the connections of clients, and close them.",
        subcommands: [List.self, Disconnect.self],
        aliases: ["socket"]
    )
}

extension InstancesCommand {
    struct Sockets: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sockets",
            abstract: "List the connections of instances."
        )

        @OptionGroup var instances: InstanceArguments
        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await SocketListing.write(instances.ids, ControlSocketFilter(), try list.choice(), global)
        }
    }
}

extension SocketsCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List connections.",
            aliases: ["list"]
        )

        @Option(
            help: ArgumentHelp("Only those of this person.", valueName: "name"),
            completion: .custom { words, _, _ in NameCompletion.users(words) }
        )
        var user: String?

        @Option(
            help: ArgumentHelp("Only those that hear this room.", valueName: "name"),
            completion: .custom { words, _, _ in NameCompletion.rooms(words) }
        )
        var room: String?

        @Option(
            help: ArgumentHelp("Only those on this instance.", valueName: "id"),
            completion: .custom { words, _, _ in NameCompletion.instances(words) }
        )
        var instance: [String] = []

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let choice = try list.choice(of: ControlSocket.self)
            let filter = try await SocketListing.filter(user: user, room: room, global)
            try await SocketListing.write(instance, filter, choice, global)
        }
    }

    struct Disconnect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disconnect",
            abstract: "Close connections. Their clients come back by themselves.",
            discussion: "To keep somebody out use `user disable` or `ban add`."
        )

        @Argument(help: "The id of a socket, as `sockets ls` shows it.")
        var id: String?

        @Option(
            help: ArgumentHelp("All of this person.", valueName: "name"),
            completion: .custom { words, _, _ in NameCompletion.users(words) }
        )
        var user: String?

        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard (id == nil) != (user == nil) else { throw ValidationError("name a socket, or a person with --user") }
        }

        func run() async throws {
            var filter = try await SocketListing.filter(user: user, room: nil, global)
            filter.socket = id
            let asked = filter
            try await FleetClient.with(global) { fleet in
                let answers = try await fleet.ask(.disconnect(asked), of: fleet.records)
                let count = answers.values.reduce(0) { $0 + ($1.count ?? 0) }
                if global.json { global.console.data(JSONText.encode(["data": ["count": count]])) }
                try FleetClient.requireAnswers(answers, of: fleet.records)
                guard count > 0 || id == nil else {
                    throw Failure(
                        .notFound,
                        "there is no socket \"\(id ?? "")\"",
                        hint: "\(Programs.asTyped) sockets ls"
                    )
                }
                global.console.note("Closed \(count == 1 ? "1 connection" : "\(count) connections").")
            }
        }
    }
}

extension ControlSocket: Listed {
    static let fields = CodingKeys.allCases.map(\.rawValue)
}

/// What `sockets ls` and `instances sockets` share.
enum SocketListing {
    /// Turns names into ids.
    static func filter(user: String?, room: String?, _ global: GlobalOptions) async throws -> ControlSocketFilter {
        guard user != nil || room != nil else { return ControlSocketFilter() }
        return try await Servers.locate(global).withChat { chat in
            var filter = ControlSocketFilter()
            if let user { filter.user = try await Lookup.user(user, in: chat).id.description }
            if let room { filter.room = try await Lookup.room(room, in: chat).id.description }
            return filter
        }
    }

    static func write(
        _ ids: [String],
        _ filter: ControlSocketFilter,
        _ choice: Choice<ControlSocket>,
        _ global: GlobalOptions
    ) async throws {
        try await FleetClient.with(global) { fleet in
            let chosen = try fleet.choose(ids)
            let answers = try await fleet.ask(.sockets(filter), of: chosen)
            let sockets = chosen.flatMap { answers[$0.id]?.sockets ?? [] }
            let now = Date()
            try Listing.write(
                sockets,
                columns: [
                    Column("ID") { $0.id },
                    Column("INSTANCE") { $0.instance },
                    Column("USER") { $0.user },
                    Column("ADDRESS") { $0.address },
                    Column("TRANSPORT") { $0.transport },
                    Column("ROOMS", alignment: .right) { String($0.rooms) },
                    Column("CONNECTED", plain: { TimeText.rfc3339($0.connectedAt) }) {
                        TimeText.ago($0.connectedAt, now: now)
                    },
                ],
                records: { $0 },
                choice: choice,
                counting: "socket",
                "sockets",
                to: global.console
            )
            try FleetClient.requireAnswers(answers, of: chosen)
        }
    }
}
