import ArgumentParser
import Fleet
import Foundation

/// How clients leave an instance that is going to be stopped.
struct DrainOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Over which time clients are sent to other instances.", valueName: "time"))
    var spread = Span(.seconds(5))

    @Option(help: ArgumentHelp("After which time an instance is stopped even if clients are left.", valueName: "time"))
    var drainTimeout = Span(.seconds(60))

    var plan: DrainPlan {
        DrainPlan(spreadMilliseconds: spread.milliseconds, timeoutMilliseconds: drainTimeout.milliseconds)
    }
}

struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Start or stop instances of this machine until there are so many."
    )

    @Argument(help: "How many instances to run, 1 to 64.")
    var count: Int

    @OptionGroup var drain: DrainOptions
    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...64).contains(count) else { throw ValidationError("the number must be from 1 to 64") }
    }

    func run() async throws {
        let data = global.dataDirectory
        let supervisor = try SupervisorClient.find(data)
        let present = SupervisorState.read(data)?.instancesPresent ?? 0
        guard count != present else { return global.console.note("\(present) already run.") }
        if count == 1, present > 2 { try await confirmStopping(present - count, of: present) }
        let report = StepReport(global.console)
        try await supervisor.ask(.scale(count: count, drain: drain.plan), onEvent: report.take)
        report.end()
        global.console.note("\(count == 1 ? "1 instance runs" : "\(count) instances run").")
    }

    /// Going from many to one has everybody on one process: that is worth typing a number, and no `--yes` out of habit.
    private func confirmStopping(_ leaving: Int, of present: Int) async throws {
        // The newest stop; whoever is on the oldest stays there.
        let ids = SupervisorState.read(global.dataDirectory)?.instances.map(\.id) ?? []
        let moving = Set(ids.sorted(by: NaturalOrder.precedes).suffix(leaving))
        let sockets = try? await FleetClient.with(global) { fleet in
            fleet.records.filter { moving.contains($0.id) }.reduce(0) { $0 + $1.sockets }
        }
        let moves = sockets.map {
            " and moves \($0 == 1 ? "1 socket" : "\(TimeText.number($0)) sockets") to one process"
        }
        try global.confirmation.ask(
            "This stops \(leaving) of \(present) instances\(moves ?? "").",
            typing: String(count),
            as: "the number of instances that stay",
            given: confirm.confirm
        )
    }
}

/// Tells how a scale or restart goes on: a line for each step, and on a terminal what is being done.
final class StepReport {
    private let console: Console
    private var isDrawn = false
    private(set) var steps: [SupervisorStep] = []

    init(_ console: Console) { self.console = console }

    func take(_ event: SupervisorEvent) {
        switch event {
        case .doing(let text):
            guard console.decorates, !console.isQuiet else { return }
            console.draw("\r\u{1b}[K\(SafeText.escaped(text))")
            isDrawn = true
        case .stepped(let step):
            end()
            steps.append(step)
            if console.isJSON { console.data(JSONText.encode(step)) } else { console.note(Self.line(step)) }
        case .done, .failed:
            break
        }
    }

    /// Removes the line that is drawn.
    func end() {
        if isDrawn { console.draw("\r\u{1b}[K") }
        isDrawn = false
    }

    /// `[1/3] i-1  14 sockets drained in 6.2 s, stopped; i-4 ready`
    static func line(_ step: SupervisorStep) -> String {
        var parts: [String] = []
        if let stopped = step.stopped {
            var text = stopped
            if let sockets = step.sockets, let milliseconds = step.drainMilliseconds {
                text +=
                    "  drained \(sockets) → \(step.left ?? 0) sockets in \(TimeText.step(.milliseconds(milliseconds)))"
            }
            parts.append(text + ", stopped")
        }
        if let started = step.started { parts.append("\(started) ready") }
        return "[\(step.index)/\(step.of)] \(parts.joined(separator: "; "))"
    }
}
