import Foundation

/// A process, told apart from a later one that got the same id.
struct ProcessIdentity: Codable, Sendable, Equatable {
    let pid: pid_t
    /// Clock ticks from the start of the machine to the start of the process (field 22 of /proc/PID/stat), with the id of
    /// that start of the machine.
    let startedAt: String

    /// Nil when no process has that id, or where there is no /proc.
    init?(pid: pid_t) {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let boot = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8),
            // The second field is the name in parentheses, and may contain spaces and parentheses.
            let nameEnd = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z" else { return nil }
        self.pid = pid
        startedAt = "\(boot.trimmingCharacters(in: .whitespacesAndNewlines))/\(fields[19])"
    }

    var isRunning: Bool { ProcessIdentity(pid: pid) == self }

    /// Ends a process that is nobody's child any more: asks, waits, then kills.
    func end(with signal: Int32, patience: Duration, lastSignal: Int32 = SIGKILL) async {
        guard isRunning else { return }
        kill(pid, signal)
        if await ends(within: patience) { return }
        kill(pid, lastSignal)
        _ = await ends(within: .seconds(5))
    }

    private func ends(within patience: Duration) async -> Bool {
        let deadline = ContinuousClock.now + patience
        while isRunning {
            guard ContinuousClock.now < deadline else { return false }
            // Nothing to await: it is not our child. Completes also in a cancelled task.
            await Task { try? await Task.sleep(for: .milliseconds(20)) }.value
        }
        return true
    }
}
