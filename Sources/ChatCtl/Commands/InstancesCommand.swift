import ArgumentParser
import Fleet
import Foundation

struct InstancesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instances",
        abstract: "Look at the running instances, wherever they run.",
        subcommands: [List.self],
        aliases: ["instance"]
    )
}

extension InstancesCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the instances in the registry.",
            aliases: ["list"]
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let instances = try await Servers.locate(global).withRedis { redis in
                try await InstanceRegistry(redis: redis).list()
            }
            let now = Date()
            let sockets = instances.reduce(0) { $0 + $1.sockets }
            Listing.write(
                instances,
                columns: [
                    Column("ID") { $0.id },
                    Column("HOST", shrinks: true) { $0.host },
                    Column("PID", alignment: .right) { String($0.pid) },
                    Column("VERSION") { $0.version },
                    Column("STATE") { $0.state.rawValue },
                    Column("UP", plain: { TimeText.rfc3339($0.startedAt) }) {
                        TimeText.duration(.seconds(max(0, now.timeIntervalSince($0.startedAt)).rounded(.down)))
                    },
                    Column("SOCKETS", alignment: .right) { String($0.sockets) },
                    Column("ROOMS", alignment: .right) { String($0.rooms) },
                    Column("RSS", alignment: .right, plain: { String($0.rssBytes) }) { TimeText.bytes($0.rssBytes) },
                    Column("LAG", alignment: .right, plain: { String($0.loopLagMs) }) {
                        TimeText.milliseconds($0.loopLagMs)
                    },
                    Column("ADAPTER") { $0.adapter },
                ],
                records: { $0 },
                summary: "\(instances.count == 1 ? "1 instance" : "\(instances.count) instances"), \(sockets) sockets",
                to: global.console
            )
        }
    }
}
