internal import NIOCore
internal import Synchronization

/// What waits to be written to the command connection, in the order of the calls, from any thread.
///
/// Publishes are encoded into one growing buffer, which leaves in one write. The queue is bounded: while Redis is
/// away or does not read, the newest publishes are dropped and counted, and commands are refused.
final class Outbox: Sendable {
    enum Entry {
        case publishes(ByteBuffer, count: Int)
        case call(RedisCall)
    }

    fileprivate struct State {
        var entries: [Entry] = []
        /// Publishes since the last call, not yet in `entries`.
        var batch = ByteBuffer()
        var batchCount = 0
        var publishBytes = 0
        var publishCount = 0
        var callCount = 0
        var dropped = 0
        var isWoken = false
        var isClosed = false

        mutating func sealBatch() {
            guard batchCount > 0 else { return }
            entries.append(.publishes(batch, count: batchCount))
            batch = ByteBuffer()
            batchCount = 0
        }
    }

    private let limits: RedisLimits
    private let state = Mutex(State())

    init(limits: RedisLimits) { self.limits = limits }

    var dropped: Int { state.withLock { $0.dropped } }

    /// Queues a publish; returns whether the event loop has to be woken.
    func publish(_ payload: ByteBuffer, to channel: String, sharded: Bool) -> Bool {
        state.withLock { state in
            let bytes = payload.readableBytes + channel.utf8.count
            guard
                !state.isClosed, state.publishCount < limits.publishQueueCountMax,
                state.publishBytes + bytes <= limits.publishQueueBytesMax
            else {
                state.dropped += 1
                return false
            }
            state.batch.writePublish(payload, to: channel, sharded: sharded)
            state.batchCount += 1
            state.publishCount += 1
            state.publishBytes += bytes
            return state.wake()
        }
    }

    /// Queues a command; returns whether the event loop has to be woken.
    func call(_ call: RedisCall) throws(RedisError) -> Bool {
        try state.withLock { state throws(RedisError) in
            if state.isClosed { throw .closed }
            guard state.callCount < limits.commandQueueCountMax else { throw .overloaded }
            state.sealBatch()
            state.entries.append(.call(call))
            state.callCount += 1
            return state.wake()
        }
    }

    /// Everything that waits, oldest first.
    func take() -> [Entry] {
        state.withLock { state in
            state.sealBatch()
            defer {
                state.entries = []
                (state.publishBytes, state.publishCount, state.callCount) = (0, 0, 0)
                state.isWoken = false
            }
            return state.entries
        }
    }

    /// The commands that wait, oldest first; publishes stay.
    func takeCalls() -> [RedisCall] {
        state.withLock { state in
            var calls: [RedisCall] = []
            state.entries.removeAll { entry in
                guard case .call(let call) = entry else { return false }
                calls.append(call)
                return true
            }
            state.callCount = 0
            return calls
        }
    }

    /// Refuses everything from now on and returns what waited.
    func close() -> [Entry] {
        state.withLock { $0.isClosed = true }
        return take()
    }
}

extension Outbox.State {
    /// One hop to the loop serves all that is queued until it has run.
    fileprivate mutating func wake() -> Bool {
        defer { isWoken = true }
        return !isWoken
    }
}
