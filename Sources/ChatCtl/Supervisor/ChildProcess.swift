import Foundation
import Synchronization

/// A process that was started by this one. Its exit can be awaited by several tasks, and it is never signalled after it
/// was reaped, when its id may belong to somebody else.
final class ChildProcess: Sendable {
    let name: String
    let pid: pid_t

    private struct State {
        var status: ExitStatus?
        var waiters: [Int: CheckedContinuation<ExitStatus?, Never>] = [:]
        var nextWaiter = 0
        var isReaped = false
    }

    private let state = Mutex(State())

    init(name: String, pid: pid_t) {
        self.name = name
        self.pid = pid
        // waitpid(2) blocks, and there are only a handful of children: a small thread for each is simpler than SIGCHLD.
        let thread = Thread { [self] in reap() }
        thread.stackSize = 256 * 1024
        thread.start()
    }

    /// Nil while it runs.
    var status: ExitStatus? { state.withLock { $0.status } }

    /// Sends a signal if the process still runs.
    func send(_ signal: Int32) {
        state.withLock { state in
            guard !state.isReaped else { return }
            _ = kill(pid, signal)
        }
    }

    /// Waits until the process has ended; nil when the waiting task is cancelled first.
    func exit() async -> ExitStatus? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let now: ExitStatus?? = state.withLock { state in
                    if let status = state.status { return .some(status) }
                    if Task.isCancelled { return .some(nil) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let now { continuation.resume(returning: now) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
    }

    /// Asks the process to end, waits, and kills it when it takes longer than `patience`. Completes also in a cancelled
    /// task: whoever stops a process wants it stopped.
    func stop(with signal: Int32 = SIGTERM, patience: Duration) async {
        await Task { [self] in
            send(signal)
            let deadline = Task {
                try await Task.sleep(for: patience)
                send(SIGKILL)
            }
            _ = await exit()
            deadline.cancel()
        }.value
    }

    private func reap() {
        // First wait without reaping, then reap under the lock, so that `send` cannot come in between.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1, errno == EINTR {}
        let (status, waiters) = state.withLock { state in
            var raw: Int32 = 0
            while waitpid(pid, &raw, 0) == -1, errno == EINTR {}
            let status = ExitStatus(waitStatus: raw)
            state.isReaped = true
            state.status = status
            defer { state.waiters = [:] }
            return (status, state.waiters.values)
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }
}
