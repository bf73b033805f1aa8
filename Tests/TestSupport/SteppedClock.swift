internal import Synchronization

/// A clock that stands still until it is moved; then those wake whose time has come.
package final class SteppedClock: Clock {
    package struct Instant: InstantProtocol {
        var offset = Swift.Duration.zero

        package func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        package func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        package static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant()
        var sleepers: [Int: Sleeper] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())
    package var minimumResolution: Swift.Duration { .zero }

    package init() {}

    package var now: Instant { state.withLock { $0.now } }

    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.now >= deadline { return .success(()) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves on by `duration` once somebody sleeps, so that nobody begins to sleep too late to be woken.
    package func advance(by duration: Swift.Duration) async throws {
        try await eventually("somebody sleeps") { self.state.withLock { !$0.sleepers.isEmpty } }
        let awake = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let awake = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in awake.keys { state.sleepers[id] = nil }
            return awake.values
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }
}
