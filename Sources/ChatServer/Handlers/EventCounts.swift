import Synchronization

/// How many events with a good answer there were of each name, since the start.
final class EventCounts: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func count(_ event: String) { counts.withLock { $0[event, default: 0] += 1 } }

    var all: [String: Int] { counts.withLock { $0 } }

    subscript(event: String) -> Int { counts.withLock { $0[event, default: 0] } }
}
