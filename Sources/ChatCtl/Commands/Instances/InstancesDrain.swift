import ArgumentParser
import Fleet
import Foundation

extension InstancesCommand {
    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain",
            abstract: "Send the clients of instances to the others, and let them take no new ones.",
            discussion: """
                Clients are told a random moment within the spread and come back to another instance by themselves; at its \
                end the connections of the rest are closed. The instance goes on running until `instances resume` or \
                until it is stopped.
                """
        )

        @Argument(
            help: "Ids, or their beginnings.",
            completion: .custom { words, _, _ in NameCompletion.instances(words) }
        )
        var ids: [String]

        @Option(help: ArgumentHelp("Over which time clients leave.", valueName: "time"))
        var spread = Span(.seconds(20))

        @Flag(help: "Wait until nobody is left.")
        var wait = false

        @Option(help: ArgumentHelp("With --wait: for how long at most.", valueName: "time"))
        var within = Span(.seconds(60))

        @OptionGroup var global: GlobalOptions

        private static let pollInterval = Duration.milliseconds(200)

        private struct Result: Encodable, Sendable {
            let id: String
            let told: Int
            var left: Int?
        }

        func run() async throws {
            let console = global.console
            try await FleetClient.with(global) { fleet in
                let chosen = try fleet.choose(ids)
                if Set(chosen.map(\.id)).isSuperset(of: fleet.records.filter { $0.state == .ready }.map(\.id)) {
                    try global.confirmation.ask("After this no instance takes clients. Drain all the same?")
                }
                let answers = try await fleet.ask(.drain(spreadMilliseconds: spread.milliseconds), of: chosen)
                var results = chosen.compactMap { record in
                    answers[record.id].map { Result(id: record.id, told: $0.count ?? 0) }
                }
                for result in results {
                    console.note(
                        "\(result.id) draining, \(result.told) sockets leave within \(spread.defaultValueDescription)"
                    )
                }
                if wait {
                    results = try await left(chosen, results, fleet)
                    for result in results { console.note("\(result.id): \(result.left ?? 0) sockets left") }
                }
                if console.isJSON { console.data(Listing.json(results)) }
                try FleetClient.requireAnswers(answers, of: chosen)
                if results.contains(where: { ($0.left ?? 0) > 0 }) {
                    throw Failure(.timeout, "not all clients have left in \(within.defaultValueDescription)")
                }
            }
        }

        private func left(_ chosen: [InstanceRecord], _ results: [Result], _ fleet: FleetClient) async throws
            -> [Result]
        {
            let deadline = ContinuousClock.now + within.duration
            var results = results
            while true {
                let answers = try await fleet.ask(.ping, of: chosen)
                for index in results.indices { results[index].left = answers[results[index].id]?.record?.sockets ?? 0 }
                if results.allSatisfy({ $0.left == 0 }) || ContinuousClock.now > deadline { return results }
                try await Task.sleep(for: Self.pollInterval)
            }
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume",
            abstract: "Let draining instances take clients again."
        )

        @OptionGroup var instances: InstanceArguments
        @OptionGroup var global: GlobalOptions

        func run() async throws {
            try await FleetClient.with(global) { fleet in
                let chosen = try fleet.choose(instances.ids)
                let answers = try await fleet.ask(.resume, of: chosen)
                try FleetClient.requireAnswers(answers, of: chosen)
                global.console.note("\(chosen.map(\.id).joined(separator: ", ")): ready")
            }
        }
    }
}
