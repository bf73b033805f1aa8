import Foundation
import Synchronization

/// Turns counters that only grow into rates.
final class LoadMeter: Sendable {
    /// What is counted, from the start of the process on.
    struct Counters: Sendable {
        var messages = 0
        var deliveries = 0
        var processorSeconds = 0.0
    }

    /// Per second; processor time in percent of one core.
    struct Rates: Sendable, Equatable {
        var messages = 0.0
        var deliveries = 0.0
        var cpuPercent = 0.0
    }

    /// A shorter time gives no rate that means anything; the one before is given again.
    static let windowMin = Duration.seconds(1)

    private struct State {
        var counters = Counters()
        var at: ContinuousClock.Instant
        var rates = Rates()
    }

    private let state: Mutex<State>

    init(now: ContinuousClock.Instant = .now) { state = Mutex(State(at: now)) }

    /// The rates since the reading before.
    func read(_ counters: Counters, now: ContinuousClock.Instant = .now) -> Rates {
        state.withLock { state in
            let elapsed = state.at.duration(to: now)
            guard elapsed >= Self.windowMin else { return state.rates }
            let seconds = elapsed / .seconds(1)
            state.rates = Rates(
                messages: Double(counters.messages - state.counters.messages) / seconds,
                deliveries: Double(counters.deliveries - state.counters.deliveries) / seconds,
                cpuPercent: (counters.processorSeconds - state.counters.processorSeconds) / seconds * 100
            )
            state.counters = counters
            state.at = now
            return state.rates
        }
    }

    /// The processor time of this process so far, in user and kernel mode (getrusage(2)).
    static func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
