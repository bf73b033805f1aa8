import NIOCore

/// What one event loop holds for the sessions at home on it: those with packets to flush, and the work of those still
/// on their way here. Confined to the loop.
public final class LoopContext: @unchecked Sendable {
    /// The loop's place among all loops.
    public let index: LoopMailboxes.Index
    let loop: any EventLoop

    private var unflushed: [EngineSession] = []
    /// Work of sessions that have this loop as their home but whose state has not arrived yet.
    private var held: [ObjectIdentifier: [Work]] = [:]

    /// For the heartbeats of the sessions: one queue for each time that some server waits.
    private var pings: [DeadlineQueue] = []
    private var pongs: [DeadlineQueue] = []

    /// Made when the first session with compression comes.
    private(set) lazy var compression = LoopCompression()
    private var hasCompressed = false

    /// Something to do on the loop.
    typealias Work = @Sendable (LoopContext) -> Void

    init(index: LoopMailboxes.Index, loop: any EventLoop) {
        self.index = index
        self.loop = loop
    }

    /// Runs `body` and then sends what it queued: one write for each socket, however many packets it got.
    func turn(_ body: () -> Void) {
        loop.preconditionInEventLoop()
        body()
        let sessions = unflushed
        unflushed.removeAll(keepingCapacity: true)
        for session in sessions { session.flush() }
        if hasCompressed {
            compression.endTurn()
            hasCompressed = false
        }
    }

    /// The compressed frame of a packet; once for all sessions in one turn.
    func compressedFrame(of packet: OutboundPacket, windowBits: Int32) -> ByteBuffer {
        hasCompressed = true
        return compression.frame(of: packet, windowBits: windowBits)
    }

    /// Has `session` flushed at the end of the turn.
    func flushLater(_ session: EngineSession) {
        unflushed.append(session)
    }

    /// Flushes and pings `session` no more: its state leaves this loop.
    func forget(_ session: EngineSession) {
        unflushed.removeAll { $0 === session }
        for queue in pings + pongs { queue.remove(session) }
    }

    // MARK: Heartbeats

    /// Has `session` pinged after `delay`.
    func pingLater(_ session: EngineSession, after delay: TimeAmount) {
        queue(delay, in: &pings) { $0.ping(at: $1) }.add(session, from: loop.now)
    }

    /// Has `session` closed after `delay`.
    func awaitPong(_ session: EngineSession, for delay: TimeAmount, from start: NIODeadline) {
        queue(delay, in: &pongs) { session, _ in session.missPong() }.add(session, from: start)
    }

    /// Closes the sessions whose pong is overdue, should the loop be too busy for its timers to be in time.
    func closeOverdue() {
        for queue in pongs { queue.reachDue() }
    }

    private func queue(
        _ delay: TimeAmount,
        in queues: inout [DeadlineQueue],
        _ reached: @escaping (EngineSession, NIODeadline) -> Void
    ) -> DeadlineQueue {
        if let queue = queues.first(where: { $0.delay == delay }) { return queue }
        let queue = DeadlineQueue(delay: delay, loop: loop) { session, time in self.turn { reached(session, time) } }
        queues.append(queue)
        return queue
    }

    // MARK: Sessions that move here

    /// Does the work of a session now, or once the session's state is here.
    func perform(on session: EngineSession, _ work: @escaping Work) {
        loop.preconditionInEventLoop()
        if held.isEmpty || held[ObjectIdentifier(session)] == nil {
            work(self)
        } else {
            held[ObjectIdentifier(session)]?.append(work)
        }
    }

    /// Whether the state of `session` is still on its way from another loop.
    func isAwaiting(_ session: EngineSession) -> Bool {
        !held.isEmpty && held[ObjectIdentifier(session)] != nil
    }

    /// Holds back the work of `session` until `arrived`.
    func await(_ session: EngineSession) {
        loop.preconditionInEventLoop()
        held[ObjectIdentifier(session)] = []
    }

    /// Does what was held back for a session whose state is here now.
    func arrived(_ session: EngineSession) {
        loop.preconditionInEventLoop()
        for work in held.removeValue(forKey: ObjectIdentifier(session)) ?? [] { work(self) }
    }
}
