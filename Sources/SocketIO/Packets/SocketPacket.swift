import NIOCore

/// A Socket.IO 5 packet.
///
/// Source: Socket.IO protocol, revision 5, "Packet types".
struct SocketPacket: Equatable {
    enum Kind: UInt8 {
        case connect = 0x30
        case disconnect = 0x31
        case event = 0x32
        case acknowledgement = 0x33
        case connectError = 0x34
        case binaryEvent = 0x35
        case binaryAcknowledgement = 0x36
    }

    var kind: Kind
    /// With its slash.
    var namespace = "/"
    /// Pairs an event with its acknowledgement.
    var id: Int?
    /// JSON text as it came; nil when there is none.
    var json: ByteBuffer?
    /// How many binary messages belong to the packet and follow it.
    var attachmentCount = 0
}

/// Names that a program on either side uses for its own notices; an event never has one of them.
enum ReservedEvent {
    private static let names: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    static func contains(_ name: String) -> Bool { names.contains(name) }
}
