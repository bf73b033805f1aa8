import ArgumentParser
import Fleet
import Foundation

extension InstancesCommand {
    struct Top: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "top",
            abstract: "Watch the instances live. q ends it.",
            discussion: "With --json it prints one line for each instance every second, until it is ended."
        )

        @Flag(help: "Print once and end.")
        var once = false

        @Option(help: ArgumentHelp("The time between two readings.", valueName: "time"))
        var interval = Span(.seconds(1))

        @OptionGroup var global: GlobalOptions

        func run() async throws {
            if once {
                return try await FleetClient.with(global) { fleet in
                    let rows = try await InstanceRow.all(fleet)
                    Listing.write(
                        rows,
                        columns: TopTable.columns,
                        records: \.outcome,
                        summary: TopTable.total(rows),
                        to: global.console
                    )
                }
            }
            if global.json {
                while true {
                    for row in try await read() { global.console.data(JSONText.encode(row.outcome)) }
                    try await Task.sleep(for: interval.duration)
                }
            }
            try await Screen.with { screen in
                while true {
                    let lines: [String]
                    do {
                        lines = TopTable.lines(try await read(), now: Date(), width: screen.size.columns)
                    } catch let failure as Failure {
                        // The fleet may come back; the screen stays.
                        lines = [failure.message, "trying again …"]
                    }
                    screen.draw(lines)
                    switch await screen.key(within: interval.duration) {
                    case .interrupt, .character("q"), .character("Q"): return
                    default: continue
                    }
                }
            }
        }

        /// Opens the connections anew each time: instances come and go, and Redis may.
        private func read() async throws -> [InstanceRow] {
            try await FleetClient.with(global) { try await InstanceRow.all($0) }
        }
    }
}

/// The live screen's text.
enum TopTable {
    static var columns: [Column<InstanceRow>] {
        [
            Column("ID") { $0.record.id },
            Column("STATE", table: \.state),
            Column("SOCKETS", alignment: .right) { TimeText.number($0.record.sockets) },
            Column("ROOMS", alignment: .right, dispensability: 3) { TimeText.number($0.record.rooms) },
            Column("MSG/S", alignment: .right) { TimeText.rate($0.record.load.messagesPerSecond) },
            Column("OUT/S", alignment: .right) { TimeText.rate($0.record.load.deliveriesPerSecond) },
            Column("QUEUED", alignment: .right, dispensability: 1) { TimeText.bytes($0.record.load.queueBytes) },
            Column("LAG", alignment: .right) { TimeText.milliseconds($0.record.loopLagMs) },
            Column("CPU", alignment: .right) { TimeText.percent($0.record.load.cpuPercent) },
            Column("RSS", alignment: .right) { TimeText.bytes($0.record.rssBytes) },
            Column("PG", alignment: .right) { InstanceRow.latency($0.record.load.postgresMs) },
            Column("REDIS", alignment: .right, dispensability: 2) { InstanceRow.latency($0.record.load.redisMs) },
        ]
    }

    static func total(_ rows: [InstanceRow]) -> String {
        let load = rows.map(\.record.load)
        let sockets = TimeText.number(rows.reduce(0) { $0 + $1.record.sockets })
        let messages = TimeText.rate(load.reduce(0) { $0 + $1.messagesPerSecond })
        let deliveries = TimeText.rate(load.reduce(0) { $0 + $1.deliveriesPerSecond })
        let queued = TimeText.bytes(load.reduce(0) { $0 + $1.queueBytes })
        let cpu = TimeText.percent(load.reduce(0) { $0 + $1.cpuPercent })
        let memory = TimeText.bytes(rows.reduce(0) { $0 + $1.record.rssBytes })
        return
            "\(rows.count == 1 ? "1 instance" : "\(rows.count) instances"), \(sockets) sockets, \(messages) messages/s, "
            + "\(deliveries) deliveries/s, \(queued) queued, cpu \(cpu), memory \(memory)"
    }

    static func lines(_ rows: [InstanceRow], now: Date, width: Int) -> [String] {
        let time = now.formatted(date: .omitted, time: .standard)
        let head = TextWidth.shortened("chat  \(time)   \(total(rows))", to: width)
        let table = Listing.table(rows, columns: columns, width: width).map { TextWidth.shortened($0, to: width) }
        return [head, ""] + table + ["", "q ends"]
    }
}
