import NIOConcurrencyHelpers
public import NIOCore

/// Work for the event loops, in one total order.
///
/// State that belongs to sockets is confined to event loops instead of being locked. What reaches it goes through the
/// loops' mailboxes, and posting happens under one short lock, so work posted to several loops at once takes the same
/// place in all of their orders. Two promises rest on that: a socket that joined a room hears the next broadcast to
/// it, and a session that moves from one loop to another misses none and hears none twice.
///
/// Posting never blocks and never runs the work inline. What one turn of a loop finds in its mailbox is done together,
/// and what it queued for a socket leaves in one write.
public final class LoopMailboxes: Sendable {
    /// The place of an event loop in `loops`.
    public typealias Index = Int

    /// The event loops, in a fixed order.
    public let loops: [any EventLoop]

    private let contexts: [LoopContext]
    /// A lock of the system, because the thread sanitizer does not see what `Synchronization.Mutex` orders on Linux, and
    /// all that is confined to loops is ordered by this one.
    private let pending: NIOLockedValueBox<[[Item]]>

    fileprivate struct Item: Sendable {
        /// Whose work it is, when it has to wait for a session that is moving.
        var session: EngineSession?
        var work: LoopContext.Work
    }

    /// Serves the loops of a group.
    public init(_ group: any EventLoopGroup) {
        loops = Array(group.makeIterator())
        contexts = loops.enumerated().map { LoopContext(index: $0.offset, loop: $0.element) }
        pending = NIOLockedValueBox(Array(repeating: [], count: loops.count))
    }

    /// A place in the order; what is posted through it is posted in one step.
    public struct Order: ~Copyable {
        private var pending: [[Item]]
        private var awakened: [Index] = []

        fileprivate init(_ pending: consuming [[Item]]) {
            self.pending = pending
        }

        fileprivate consuming func finish() -> (pending: [[Item]], awakened: [Index]) {
            (pending, awakened)
        }

        private mutating func post(_ item: Item, to index: Index) {
            if pending[index].isEmpty { awakened.append(index) }
            pending[index].append(item)
        }

        /// Posts work to one loop.
        public mutating func post(to index: Index, _ work: @escaping @Sendable (LoopContext) -> Void) {
            post(Item(session: nil, work: work), to: index)
        }

        /// Posts the same work to every loop.
        public mutating func postToAll(_ work: @escaping @Sendable (LoopContext) -> Void) {
            for index in pending.indices { post(to: index, work) }
        }

        /// Posts work to the home loop of a session.
        public mutating func post(on session: EngineSession, _ work: @escaping @Sendable (LoopContext) -> Void) {
            post(Item(session: session, work: work), to: session.home)
        }
    }

    /// Takes a place in the order. What `body` posts, and what it changes of the state that is only touched in here,
    /// happens in one step as seen by everybody else.
    ///
    /// `body` must be short and must not call back into the mailboxes.
    public func inOrder<Result>(_ body: (inout Order) -> Result) -> Result {
        let (result, awakened) = pending.withLockedValue { pending in
            var order = Order(pending)
            // Without this the loops' queues would be copied at the first append.
            pending = []
            let result = body(&order)
            let (filled, awakened) = order.finish()
            pending = filled
            return (result, awakened)
        }
        for index in awakened {
            let context = contexts[index]
            context.loop.execute { self.empty(context) }
        }
        return result
    }

    /// Posts work to the home loop of a session.
    public func post(on session: EngineSession, _ work: @escaping @Sendable (LoopContext) -> Void) {
        inOrder { $0.post(on: session, work) }
    }

    /// The context of the event loop that the caller is on.
    ///
    /// - Precondition: The caller is on one of the group's loops.
    public func current(_ loop: any EventLoop) -> LoopContext {
        loop.preconditionInEventLoop()
        guard let context = contexts.first(where: { $0.loop === loop }) else {
            preconditionFailure("the event loop is not one of this server's")
        }
        return context
    }

    private func empty(_ context: LoopContext) {
        let items = pending.withLockedValue { pending in
            let items = pending[context.index]
            pending[context.index] = []
            return items
        }
        context.turn {
            for item in items {
                if let session = item.session {
                    context.perform(on: session, item.work)
                } else {
                    item.work(context)
                }
            }
        }
    }
}
