import Domain
import Synchronization

/// The highest change of each room that this instance has passed on to its sockets.
final class DeliveryLedger: Sendable {
    private let positions = Mutex<[RoomID: Int64]>([:])

    /// A socket of this instance hears the room from here on.
    func begin(_ room: RoomID, at seq: Int64) {
        positions.withLock { positions in
            if positions[room] == nil { positions[room] = seq }
        }
    }

    /// An entry went out to the room's sockets.
    func delivered(_ room: RoomID, upTo seq: Int64) {
        positions.withLock { positions in
            if let before = positions[room] { positions[room] = max(before, seq) }
        }
    }

    /// Where a room stands; nil when it has not begun.
    subscript(room: RoomID) -> Int64? { positions.withLock { $0[room] } }

    /// Forgets the rooms that nobody on this instance hears any more.
    func keepOnly(_ rooms: Set<RoomID>) {
        positions.withLock { positions in positions = positions.filter { rooms.contains($0.key) } }
    }
}
