internal import NIOCore
internal import SocketIO
internal import Synchronization

/// The requests whose answers are awaited, by their ids.
final class PendingRequests: Sendable {
    /// Gets each answer; returns true when it was the last one.
    typealias Receiver = @Sendable (ClusterResponse) -> Bool

    private struct Entry {
        let receive: Receiver
        let ended: @Sendable () -> Void
        var timer: Scheduled<Void>?
    }

    private let entries = Mutex<[String: Entry]>([:])
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func contains(_ id: String) -> Bool { entries.withLock { $0[id] != nil } }

    /// Waits for answers to `id` until `receive` returns true or the time is over; then calls `ended` once.
    func add(
        _ id: String,
        timeout: Duration,
        receive: @escaping Receiver,
        ended: @escaping @Sendable () -> Void = {}
    ) {
        entries.withLock { $0[id] = Entry(receive: receive, ended: ended, timer: nil) }
        let timer = eventLoop.scheduleTask(in: TimeAmount(timeout)) { self.end(id) }
        // The answers may have come in the meantime.
        let isOver = entries.withLock { entries in
            entries[id]?.timer = timer
            return entries[id] == nil
        }
        if isOver { timer.cancel() }
    }

    func receive(_ response: ClusterResponse) {
        guard let entry = entries.withLock({ $0[response.requestID] }) else { return }
        if entry.receive(response) { end(response.requestID) }
    }

    func endAll() {
        for id in entries.withLock({ Array($0.keys) }) { end(id) }
    }

    private func end(_ id: String) {
        guard let entry = entries.withLock({ $0.removeValue(forKey: id) }) else { return }
        entry.timer?.cancel()
        entry.ended()
    }
}
