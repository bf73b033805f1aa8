internal import Synchronization

/// A door that tasks wait at until it opens. It can close again; who passed has passed.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var failure: RedisError?
        var waiters: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var nextID: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Returns once the gate is open.
    ///
    /// - Throws: `CancellationError`, or the error that the gate was failed with.
    func wait() async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if let failure = state.failure { return .failure(failure) }
                    if state.isOpen { return .success(()) }
                    // Checked under the lock that the cancellation handler takes, so one of the two sees the other.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    func open() { resume(with: .success(())) { $0.isOpen = true } }

    func close() { state.withLock { $0.isOpen = false } }

    func fail(_ error: RedisError) { resume(with: .failure(error)) { $0.failure = error } }

    private func resume(with result: Result<Void, any Error>, change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume(with: result) }
    }
}
