public import NIOCore

/// The content of one message, as the application sends and receives it.
public enum EngineMessage: Sendable, Hashable {
    /// UTF-8 text.
    case text(ByteBuffer)
    /// Bytes.
    case binary(ByteBuffer)
}

/// A packet from the client, read off either transport.
enum InboundPacket: Equatable {
    case close
    case ping(ByteBuffer)
    case pong(ByteBuffer)
    case message(EngineMessage)
    case upgrade
    case noop

    /// Reads a packet off a WebSocket, where bytes are always a message; nil when it is none that a client may send.
    init?(_ message: EngineMessage) {
        switch message {
        case .text(let text): self.init(text: text)
        case .binary: self = .message(message)
        }
    }

    /// Reads the text form of a packet; nil when it is none that a client may send.
    init?(text: ByteBuffer) {
        var content = text
        guard let first = content.readInteger(as: UInt8.self), let type = PacketType(rawValue: first) else {
            return nil
        }
        switch type {
        case .open: return nil
        case .close: self = .close
        case .ping: self = .ping(content)
        case .pong: self = .pong(content)
        case .message: self = .message(.text(content))
        case .upgrade: self = .upgrade
        case .noop: self = .noop
        }
    }
}
