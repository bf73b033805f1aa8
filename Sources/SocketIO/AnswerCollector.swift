import NIOConcurrencyHelpers

/// Gathers answers until all that were announced are here, or the time is over.
final class AnswerCollector: Sendable {
    private let state = NIOLockedValueBox(State())

    private struct State {
        var answers: [Payload] = []
        /// Answers that were announced.
        var expected = 0
        /// Servers that have yet to say how many answers they bring.
        var silentServers = 0
        var isOver = false
        var waiter: CheckedContinuation<Void, Never>?

        var isComplete: Bool { silentServers <= 0 && answers.count >= expected }

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            guard isOver || isComplete else { return nil }
            isOver = true
            return waiter.take()
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let waiter = state.withLockedValue { state in
            body(&state)
            return state.takeWaiter()
        }
        waiter?.resume()
    }

    /// Announces servers that will announce answers.
    func expectServers(_ count: Int) { change { $0.silentServers += count } }

    /// A server announces its answers.
    func expect(_ count: Int, fromServer: Void) {
        change {
            $0.expected += count
            $0.silentServers -= 1
        }
    }

    /// Takes an answer; one that comes too late is dropped.
    func add(_ answer: Payload) { change { if !$0.isOver { $0.answers.append(answer) } } }

    /// Waits for the answers.
    ///
    /// - Returns: Those that came, and how many are missing of those that were announced.
    /// - Throws: `CancellationError`.
    func gather(for timeout: Duration) async throws -> (answers: [Payload], missing: Int) {
        await withTaskGroup { group in
            group.addTask { await self.wait() }
            group.addTask {
                // Ends early when the wait is over, or when the caller is cancelled.
                try? await Task.sleep(for: timeout)
                self.change { $0.isOver = true }
            }
            await group.next()
            group.cancelAll()
        }
        try Task.checkCancellation()
        return state.withLockedValue { ($0.answers, max($0.expected - $0.answers.count, 0)) }
    }

    private func wait() async {
        await withCheckedContinuation { waiter in change { $0.waiter = waiter } }
    }
}
