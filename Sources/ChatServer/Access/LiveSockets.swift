import Domain
import SocketIO
import Synchronization

/// The sockets of this instance and in whose name they are connected.
final class LiveSockets: Sendable {
    /// A socket and what it was connected with.
    struct Entry: Sendable {
        let socket: Socket
        let identity: Identity

        var session: LiveSession {
            LiveSession(session: identity.session, role: identity.user.role, address: identity.address)
        }
    }

    /// Sockets of one person on this instance, at most.
    let perUserMax: Int
    private let state = Mutex(State())

    private struct State {
        var entries: [String: Entry] = [:]
        var counts: [UserID: Int] = [:]
    }

    init(perUserMax: Int) {
        self.perUserMax = perUserMax
    }

    /// Takes note of a socket; false, and it is not noted, when the person has as many as they may.
    func add(_ socket: Socket, _ identity: Identity) -> Bool {
        state.withLock { state in
            guard state.counts[identity.user.id, default: 0] < perUserMax else { return false }
            guard state.entries.updateValue(Entry(socket: socket, identity: identity), forKey: socket.id) == nil else {
                return true
            }
            state.counts[identity.user.id, default: 0] += 1
            return true
        }
    }

    /// Forgets a socket that is gone.
    func remove(_ socket: Socket) {
        state.withLock { state in
            guard let user = state.entries.removeValue(forKey: socket.id)?.identity.user.id else { return }
            let left = state.counts[user, default: 1] - 1
            state.counts[user] = left > 0 ? left : nil
        }
    }

    /// Whether another socket of this person would be one too many.
    func isFull(for user: UserID) -> Bool {
        state.withLock { $0.counts[user, default: 0] >= perUserMax }
    }

    var all: [Entry] { state.withLock { Array($0.entries.values) } }
}
