import NIOCore

/// Names a value that an application attaches to sockets, and its type.
public protocol SocketDataKey {
    /// What is attached.
    associatedtype Value: Sendable
}

/// What an application attached to a socket.
struct SocketData: Sendable {
    private var values: [ObjectIdentifier: any Sendable] = [:]

    subscript<Key: SocketDataKey>(key: Key.Type) -> Key.Value? {
        get { values[ObjectIdentifier(key)] as? Key.Value }
        set { values[ObjectIdentifier(key)] = newValue }
    }
}
