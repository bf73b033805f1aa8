import Synchronization

/// Work that one thread does for everybody, in the order in which it came. Bounded; putting never blocks.
final class Mailbox<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var closed = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    let wakeUp = WakeUp()

    init(capacity: Int) { self.capacity = capacity }

    /// Adds work and wakes the thread. Throws `overloaded` when too much waits or the mailbox is closed.
    func put(_ job: Job) throws {
        let wasEmpty = try state.withLock { state in
            guard !state.closed else { throw StorageError(.overloaded, "the database was closed") }
            guard state.jobs.count < capacity else { throw StorageError(.overloaded, "\(capacity) calls wait already") }
            state.jobs.append(job)
            return state.jobs.count == 1
        }
        // The thread takes everything or looks again, so only the first job has to wake it.
        if wasEmpty { wakeUp.signal() }
    }

    /// Takes at most `limit` jobs from the front.
    func take(_ limit: Int) -> [Job] {
        state.withLock { state in
            guard state.jobs.count > limit else {
                defer { state.jobs = [] }
                return state.jobs
            }
            defer { state.jobs.removeFirst(limit) }
            return Array(state.jobs.prefix(limit))
        }
    }

    /// Puts back what was taken, in front of everything that came since. Not bounded: it was counted before.
    func putBack(_ jobs: [Job]) {
        guard !jobs.isEmpty else { return }
        state.withLock { $0.jobs.insert(contentsOf: jobs, at: 0) }
    }

    /// Takes out the jobs that match.
    func remove(where matches: (Job) -> Bool) -> [Job] {
        state.withLock { state in
            guard state.jobs.contains(where: matches) else { return [] }
            let removed = state.jobs.filter(matches)
            state.jobs.removeAll(where: matches)
            return removed
        }
    }

    /// Takes no more work; what is there is still done.
    func close() {
        state.withLock { $0.closed = true }
        wakeUp.signal()
    }

    /// How much waits.
    var count: Int { state.withLock { $0.jobs.count } }

    /// The earliest of the waiting jobs' values.
    func earliest(_ value: (Job) -> Deadline) -> Deadline? {
        state.withLock { $0.jobs.lazy.map(value).min() }
    }

    var isClosed: Bool { state.withLock { $0.closed } }
}
