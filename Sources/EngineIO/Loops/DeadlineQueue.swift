import DequeModule
import NIOCore

/// The sessions of one event loop that wait for the same time to pass. Confined to the loop.
///
/// Every session waits for its next ping or pong, nearly always. Deadlines that come the same delay after they were set
/// come in the order in which they were set, so a queue with one timer at its head does for all: a session costs an
/// entry here instead of a scheduled task, a promise and closures of its own.
final class DeadlineQueue {
    /// How much of a timer's lateness is taken off the time that follows it: an ordinary one, but not the standstill of
    /// a whole process, after which clients need their time to answer.
    private static let latenessMax = TimeAmount.milliseconds(50)

    let delay: TimeAmount
    private let loop: any EventLoop
    private let reached: (EngineSession, NIODeadline) -> Void
    private var entries: Deque<Entry> = []
    private var isScheduled = false

    private struct Entry {
        var session: EngineSession
        var ticket: UInt32
        var at: NIODeadline
    }

    /// Calls `reached` for each session whose deadline has come and still stands, with the time from which the next one
    /// counts.
    init(delay: TimeAmount, loop: any EventLoop, reached: @escaping (EngineSession, NIODeadline) -> Void) {
        self.delay = delay
        self.loop = loop
        self.reached = reached
    }

    /// Sets the deadline of a session, in the place of its last one.
    ///
    /// - Parameter start: From when the delay counts; not before that of any earlier call.
    func add(_ session: EngineSession, from start: NIODeadline) {
        session.deadlineTicket &+= 1
        entries.append(Entry(session: session, ticket: session.deadlineTicket, at: start + delay))
        schedule()
    }

    /// Forgets a session: its state leaves this loop, so its ticket may not be looked at any more.
    func remove(_ session: EngineSession) {
        entries.removeAll { $0.session === session }
    }

    private func schedule() {
        guard !isScheduled, let first = entries.first else { return }
        isScheduled = true
        loop.assumeIsolated().scheduleTask(deadline: first.at) { self.fire() }
    }

    private func fire() {
        isScheduled = false
        reachDue()
        schedule()
    }

    /// Does now what is due, should the timer be late.
    func reachDue() {
        let now = loop.now
        while let first = entries.first, first.at <= now || first.ticket != first.session.deadlineTicket {
            entries.removeFirst()
            guard first.ticket == first.session.deadlineTicket else { continue }
            reached(first.session, max(first.at, now - Self.latenessMax))
        }
    }
}
