import Domain
import Synchronization

/// Tells the delivery of webhooks that something happened in a room that one of them has.
///
/// Rung after every durable change of every room, so it costs a look into a set, which is empty where there are no
/// webhooks.
final class WebhookBell: Sendable {
    private let rooms = Mutex<Set<RoomID>>([])
    private let continuation: AsyncStream<Void>.Continuation
    /// Rings that nobody heard yet are one ring.
    let rings: AsyncStream<Void>

    init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// A room changed.
    func ring(for room: RoomID) {
        if rooms.withLock({ $0.contains(room) }) { ring() }
    }

    /// Something may have to be done, whatever it is.
    func ring() { continuation.yield() }

    /// From now on only changes of these rooms are heard.
    func watch(_ watched: Set<RoomID>) { rooms.withLock { $0 = watched } }
}
