import Domain
import SocketIO

/// Who sent an event, and the socket it came over.
struct Caller: Sendable {
    let socket: Socket
    let identity: Identity
}

/// The identity that a socket was connected with.
enum IdentityKey: SocketDataKey {
    typealias Value = Identity
}
