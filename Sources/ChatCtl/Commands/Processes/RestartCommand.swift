import ArgumentParser
import Foundation

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Replace the instances of this machine by new ones.",
        discussion: """
            With --rolling one instance after the other is replaced: its successor starts, it sends its clients away, and \
            stops; nobody loses a message. Without it all are replaced at the same time, and clients wait until the new ones are ready.
            """
    )

    @Flag(help: "One instance at a time.")
    var rolling = false

    @Option(help: "With --rolling: how many are replaced at the same time.")
    var maxUnavailable = 1

    @Option(
        name: .customLong("instance"),
        help: ArgumentHelp("Only this one; may be repeated.", valueName: "id"),
        completion: .custom { words, _, _ in NameCompletion.instances(words) }
    )
    var instances: [String] = []

    @OptionGroup var drain: DrainOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard maxUnavailable >= 1 else { throw ValidationError("--max-unavailable must be at least 1") }
    }

    func run() async throws {
        let data = global.dataDirectory
        let supervisor = try SupervisorClient.find(data)
        let running = SupervisorState.read(data)?.instances.map(\.id) ?? []
        let chosen = try instances.map { try Naming.find($0, in: running, as: "instance", by: \.self) }
        let count = chosen.isEmpty ? running.count : chosen.count
        var plan = drain.plan
        var atOnce = min(maxUnavailable, max(1, count))
        if !rolling {
            try global.confirmation.ask("This replaces all \(count) instances at the same time. Go on?")
            atOnce = max(1, count)
            plan.spreadMilliseconds = 0
        }
        let report = StepReport(global.console)
        try await supervisor.ask(
            .restart(instances: chosen, unavailableMax: atOnce, drain: plan),
            onEvent: report.take
        )
        report.end()
        let moved = report.steps.reduce(0) { $0 + ($1.sockets ?? 0) - ($1.left ?? 0) }
        let closed = report.steps.reduce(0) { $0 + ($1.left ?? 0) }
        let instances = report.steps.count == 1 ? "1 instance" : "\(report.steps.count) instances"
        global.console.note(
            "\(rolling ? "Rolled" : "Replaced") \(instances), \(moved) sockets moved, \(closed) dropped."
        )
    }
}
