import ArgumentParser
import Fleet
import Foundation
import Storage

struct InstancesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instances",
        abstract: "Look at the running instances, wherever they run, and steer them.",
        subcommands: [
            List.self, Show.self, Top.self, Ping.self, Drain.self, Resume.self, Sockets.self, LogLevel.self,
            RemoveStale.self,
        ],
        aliases: ["instance"]
    )
}

/// Instances on the command line.
struct InstanceArguments: ParsableArguments {
    @Argument(
        help: "Ids, or their beginnings.",
        completion: .custom { words, _, _ in NameCompletion.instances(words) }
    )
    var ids: [String] = []
}

extension InstancesCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ls",
            abstract: "List the instances, each asked for its numbers now.",
            aliases: ["list"]
        )

        @Flag(help: "List again every two seconds, until Ctrl-C; with --json a line for each instance.")
        var watch = false

        @OptionGroup var list: ListOptions
        @OptionGroup var global: GlobalOptions

        private static let watchInterval = Duration.seconds(2)

        private struct Envelope: Encodable {
            struct Meta: Encodable {
                let count: Int
                let foreign_peers: Int?
            }
            let data: [InstanceRow.Outcome]
            let meta: Meta
        }

        func run() async throws {
            let choice = try list.choice(of: InstanceRow.Outcome.self)
            guard watch else {
                let silent = try await write(choice).filter(\.isSilent).map(\.record.id)
                guard silent.isEmpty else {
                    throw Failure(.timeout, "no answer from \(silent.joined(separator: ", "))")
                }
                return
            }
            while true {
                // Looked up anew each time: instances come and go.
                _ = try await write(choice)
                try await Task.sleep(for: Self.watchInterval)
            }
        }

        /// Prints those that are wanted.
        private func write(_ choice: Choice<InstanceRow.Outcome>) async throws -> [InstanceRow] {
            try await FleetClient.with(global) { fleet in
                let rows = try choice.apply(to: try await InstanceRow.all(fleet), records: \.outcome)
                guard global.json else {
                    Listing.write(
                        rows,
                        columns: InstanceRow.columns(now: Date()),
                        records: \.outcome,
                        summary: summary(rows, fleet),
                        to: global.console
                    )
                    return rows
                }
                if watch {
                    for row in rows { global.console.data(JSONText.encode(row.outcome)) }
                } else {
                    let meta = Envelope.Meta(count: rows.count, foreign_peers: fleet.foreignPeers)
                    global.console.data(JSONText.encode(Envelope(data: rows.map(\.outcome), meta: meta)))
                }
                return rows
            }
        }

        private func summary(_ rows: [InstanceRow], _ fleet: FleetClient) -> String {
            let sockets = rows.reduce(0) { $0 + $1.record.sockets }
            let origin = fleet.source == .heartbeats ? " (from heartbeat rows)" : ""
            let foreign = fleet.foreignPeers ?? 0
            let peers = foreign == 1 ? "1 foreign adapter peer" : "\(foreign) foreign adapter peers"
            return "\(rows.count == 1 ? "1 instance" : "\(rows.count) instances"), \(sockets) sockets\(origin)"
                + (foreign > 0 ? "; \(peers) (probably Node) on the same Redis" : "")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show all that instances tell of themselves."
        )

        @OptionGroup var instances: InstanceArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await FleetClient.with(global) { fleet in
                let chosen = try fleet.choose(instances.ids)
                let answers = try await fleet.ask(.vitals, of: chosen)
                let rows = chosen.map { InstanceRow($0, answers[$0.id]) }
                let now = Date()
                Listing.details(
                    rows,
                    fields: [
                        Column("id") { $0.record.id },
                        Column("state", table: \.state),
                        Column("host") { $0.record.host },
                        Column("pid") { String($0.record.pid) },
                        Column("version") { $0.record.version },
                        Column("started", plain: { TimeText.rfc3339($0.record.startedAt) }) {
                            TimeText.ago($0.record.startedAt, now: now)
                        },
                        Column("public port") { String($0.record.port) },
                        Column("private address") { $0.record.address },
                        Column("adapter") { $0.record.adapter },
                        Column("sockets") { String($0.record.sockets) },
                        Column("rooms") { String($0.record.rooms) },
                        Column("messages/s") { TimeText.rate($0.record.load.messagesPerSecond) },
                        Column("deliveries/s") { TimeText.rate($0.record.load.deliveriesPerSecond) },
                        Column("queued") { TimeText.bytes($0.record.load.queueBytes) },
                        Column("memory") { TimeText.bytes($0.record.rssBytes) },
                        Column("cpu") { TimeText.percent($0.record.load.cpuPercent) },
                        Column("event-loop lag") { TimeText.milliseconds($0.record.loopLagMs) },
                        Column("postgres") { InstanceRow.latency($0.record.load.postgresMs) },
                        Column("redis") { InstanceRow.latency($0.record.load.redisMs) },
                    ],
                    records: \.outcome,
                    to: global.console
                )
                try FleetClient.requireAnswers(answers, of: chosen)
            }
        }
    }

    struct Ping: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ping",
            abstract: "Ask instances for a sign of life, and how long it takes."
        )

        @OptionGroup var instances: InstanceArguments
        @OptionGroup var global: GlobalOptions

        private struct Pong: Encodable, Sendable {
            let id: String
            let answered: Bool
            let ms: Double?
        }

        func run() async throws {
            try await FleetClient.with(global) { fleet in
                let chosen = try fleet.choose(instances.ids)
                let clock = ContinuousClock()
                let pongs = try await withThrowingTaskGroup(of: Pong.self) { group in
                    for record in chosen {
                        group.addTask {
                            let startedAt = clock.now
                            let answered = try await fleet.ask(.ping, of: [record])[record.id] != nil
                            let took = (clock.now - startedAt) / .milliseconds(1)
                            return Pong(id: record.id, answered: answered, ms: answered ? took : nil)
                        }
                    }
                    var all: [Pong] = []
                    for try await pong in group { all.append(pong) }
                    return all.sorted { NaturalOrder.precedes($0.id, $1.id) }
                }
                Listing.write(
                    pongs,
                    columns: [
                        Column("ID") { $0.id },
                        Column("ANSWER") { $0.answered ? "yes" : "silent" },
                        Column("TIME", alignment: .right, plain: { $0.ms.map { String($0) } ?? "" }) {
                            $0.ms.map(TimeText.milliseconds) ?? "-"
                        },
                    ],
                    records: { $0 },
                    summary: "\(pongs.filter(\.answered).count) of \(pongs.count) answered",
                    to: global.console
                )
                let silent = pongs.filter { !$0.answered }.map(\.id)
                guard silent.isEmpty else {
                    throw Failure(.timeout, "no answer from \(silent.joined(separator: ", "))")
                }
            }
        }
    }

    struct LogLevel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "log-level",
            abstract: "Change what instances log, until they end."
        )

        @Argument(
            help: "trace, debug, info, notice, warning, error or critical.",
            completion: .list(["trace", "debug", "info", "notice", "warning", "error", "critical"])
        )
        var level: String

        @OptionGroup var instances: InstanceArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await FleetClient.with(global) { fleet in
                let chosen = try fleet.choose(instances.ids)
                let answers = try await fleet.ask(.logLevel(level), of: chosen)
                if let refusal = answers.values.compactMap(\.error).first { throw Failure(.usage, refusal) }
                try FleetClient.requireAnswers(answers, of: chosen)
                global.console.note("\(chosen.map(\.id).joined(separator: ", ")): log level \(level)")
            }
        }
    }

    struct RemoveStale: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rm-stale",
            abstract: "Take instances out of the lists that are not there any more.",
            discussion: "Leases and heartbeats lapse by themselves; this only does it at once."
        )

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            let servers = try await Servers.locate(global)
            let silent = try await FleetClient.with(global) { fleet in
                let answers = try await fleet.ask(.ping, of: fleet.records)
                return fleet.records.map(\.id).filter { answers[$0] == nil }
            }
            let removed = try await StaleInstances.remove(silent, on: servers)
            if global.json { return global.console.data(Listing.json(removed.map { ["id": $0] })) }
            global.console.note(removed.isEmpty ? "There are none." : "Removed \(removed.joined(separator: ", ")).")
        }
    }
}
