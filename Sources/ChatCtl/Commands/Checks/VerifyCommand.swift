import ArgumentParser
import Foundation
import SocketIOClient

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check the chat's promise on the running system.",
        subcommands: [Delivery.self]
    )
}

extension VerifyCommand {
    struct Delivery: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delivery",
            abstract: "Let clients talk, kill what you name, and count what was lost, repeated or out of order.",
            discussion: """
                The clients are accounts of its own, removed afterwards. It can kill the private Redis and the instances \
                that `chatctl up` runs here, and its own clients' connections. Exit code 1 unless all counts are 0.
                """
        )

        @Option(help: "How many clients.")
        var clients = 50

        @Option(help: "How many rooms.")
        var rooms = 5

        @Flag(help: "Every client is in one of the rooms instead of in all: many clients with a bearable load.")
        var apart = false

        @Option(help: "How many minutes.")
        var minutes = 1.0

        @Option(help: "Messages per second of each client.")
        var rate = 2.0

        @Option(help: ArgumentHelp("What to kill in turn: redis, instance, client.", valueName: "list"))
        var kill = ""

        @Option(help: ArgumentHelp("The time between two kills.", valueName: "time"))
        var killEvery = Span(.seconds(10))

        @Option(
            name: .customLong("url"),
            help: ArgumentHelp(
                "Where the clients connect. (default: the chat that runs here)",
                valueName: "http://host:port"
            )
        )
        var url: String?

        @OptionGroup var trust: TrustOptions
        @OptionGroup var global: GlobalOptions

        func validate() throws {
            guard (1...1_000).contains(clients), (1...100).contains(rooms) else {
                throw ValidationError("--clients is from 1 to 1000, --rooms from 1 to 100")
            }
            guard !apart || clients >= rooms else { throw ValidationError("--apart needs a client for each room") }
            guard minutes > 0, rate > 0, rate <= 100 else { throw ValidationError("--minutes and --rate are above 0") }
            _ = try victims()
        }

        private func victims() throws -> [DeliveryCheck.Victim] {
            try kill.split(separator: ",").map { word in
                guard let victim = DeliveryCheck.Victim(rawValue: String(word)) else {
                    throw ValidationError("--kill takes redis, instance and client, not \"\(word)\"")
                }
                return victim
            }
        }

        func run() async throws {
            let data = global.dataDirectory
            let victims = try victims()
            let local = try data.supervisor() == nil ? nil : SupervisorState.read(data)
            guard let text = url ?? local?.url, let address = SocketIOAddress(text) else {
                throw Failure(
                    .unavailable,
                    "no chat runs here",
                    hint: "\(Programs.asTyped) up, or --url http://host:port"
                )
            }
            if victims.contains(.redis), local?.redis == nil {
                throw Failure(.unavailable, "the Redis is not one that `chatctl up` runs here, so it is not killed")
            }
            if victims.contains(.instance), local?.instances.isEmpty ?? true {
                throw Failure(.unavailable, "no supervisor runs instances here that could be killed")
            }
            let plan = DeliveryCheck.Plan(
                address: address,
                trust: try trust.trust(for: [address]),
                duration: .seconds(minutes * 60),
                pause: .seconds(1 / rate),
                victims: victims,
                killInterval: killEvery.duration
            )
            let console = global.console
            let lasting = plan.duration + DeliveryCheck.settleTime
            let report = try await Guests.with(
                clients,
                rooms: rooms,
                apart: apart,
                prefix: "verify",
                lasting: lasting,
                global
            ) { guests, chat in
                try await DeliveryCheck(
                    plan: plan,
                    guests: guests,
                    chat: chat,
                    kill: { victim, clients in try await Self.kill(victim, clients, data) },
                    progress: ProgressBar(console, "verify")
                ).run()
            }
            if console.isJSON {
                console.data(JSONText.encode(["data": report]))
            } else {
                Self.print(report, to: console)
            }
            guard report.verdict.isGood else { throw Failure(.failed, "the promise was not kept") }
            guard report.pending == 0 else {
                throw Failure(.failed, "\(report.pending) messages were never acknowledged")
            }
        }

        /// SIGKILL: as a crash, without a chance to say goodbye.
        private static func kill(
            _ victim: DeliveryCheck.Victim,
            _ clients: [VerifyingClient],
            _ data: DataDirectory
        ) async throws -> String {
            let state = SupervisorState.read(data)
            switch victim {
            case .redis:
                guard let process = state?.redis, process.isRunning else { return "nothing (Redis is still away)" }
                Foundation.kill(process.pid, SIGKILL)
                return "redis"
            case .instance:
                guard let instance = state?.instances.filter({ $0.process?.isRunning ?? false }).randomElement(),
                    let process = instance.process
                else { return "nothing (no instance runs)" }
                Foundation.kill(process.pid, SIGKILL)
                return instance.id
            case .client:
                await clients.randomElement()?.cut()
                return "a client's connection"
            }
        }

        private static func print(_ report: DeliveryCheck.Report, to console: Console) {
            let verdict = report.verdict
            func number(_ value: Int) -> String { TimeText.number(value) }
            console.data(
                "sent \(number(verdict.sent))   stored \(number(verdict.stored))   "
                    + "delivered \(number(verdict.delivered))/\(number(verdict.expected))   "
                    + "lost \(verdict.lost)   duplicate \(verdict.duplicate)   out of order \(verdict.outOfOrder)"
            )
            if let latency = report.latency {
                console.data(
                    "p50 \(TimeText.milliseconds(latency.p50))  p99 \(TimeText.milliseconds(latency.p99))  "
                        + "worst \(TimeText.milliseconds(latency.max))"
                )
            }
            if !report.kills.isEmpty { console.data("killed \(report.kills.joined(separator: ", "))") }
            guard report.moved + report.dropped > 0 else { return }
            console.data(
                "moved \(number(report.moved))   dropped \(number(report.dropped))   pending \(number(report.pending))   "
                    + "longest absence \(TimeText.milliseconds(report.longestAbsenceMilliseconds))"
            )
        }
    }
}
