/// The types of an Engine.IO 4 packet; the raw value is its first character on the wire.
///
/// Source: Engine.IO protocol, revision 4, "Packet types".
enum PacketType: UInt8 {
    case open = 0x30
    case close = 0x31
    case ping = 0x32
    case pong = 0x33
    case message = 0x34
    case upgrade = 0x35
    case noop = 0x36
}
