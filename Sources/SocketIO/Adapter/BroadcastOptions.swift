/// A group of sockets that a broadcast can be addressed to. Every socket is also in the room of its own id.
public struct Room: Hashable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The name as it stands on the wire.
    public let name: String

    /// A room with this name; rooms need no creation.
    public init(_ name: String) { self.name = name }

    /// A room named by a literal.
    public init(stringLiteral value: String) { self.name = value }

    /// The name.
    public var description: String { name }
}

/// Whom a broadcast or a request concerns, and how it is sent.
public struct BroadcastOptions: Sendable, Hashable {
    /// The union of these rooms; empty means every socket of the namespace. Without repetitions, in the order given.
    public var rooms: [Room]
    /// Sockets in one of these rooms are left out.
    public var except: [Room]
    /// How the broadcast is sent.
    public var flags: Flags

    /// The modifiers of a broadcast, as Socket.IO names them.
    public struct Flags: Sendable, Hashable {
        /// May be dropped for a client that is not ready to receive.
        public var volatile: Bool
        /// Stays on this server.
        public var local: Bool
        /// Whether the transport may compress it; nil leaves it to the server.
        public var compress: Bool?
        /// How long acknowledgements are waited for.
        public var timeout: Duration?

        /// Flags with Socket.IO's defaults.
        public init(volatile: Bool = false, local: Bool = false, compress: Bool? = nil, timeout: Duration? = nil) {
            self.volatile = volatile
            self.local = local
            self.compress = compress
            self.timeout = timeout
        }
    }

    /// Addresses the union of `rooms`, without the sockets in one of `except`.
    public init(rooms: [Room] = [], except: [Room] = [], flags: Flags = Flags()) {
        self.rooms = rooms
        self.except = except
        self.flags = flags
    }
}
