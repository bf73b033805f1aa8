import NIOCore

/// Reads the text form of packets. What it returns is well-formed in every part, JSON included.
enum PacketDecoder {
    /// Most binary attachments of a packet. Each one is awaited in memory, so a client must not name any number.
    static let attachmentsMax = 10
    /// Longest name of a namespace, in bytes.
    static let namespaceBytesMax = 256
    /// Digits of the longest acknowledgement id; it stays below 2^53, which every client can count to.
    private static let idDigitsMax = 15

    struct Malformed: Error {}

    /// Reads a packet's text, which is known to be UTF-8.
    ///
    /// - Throws: `Malformed` for anything that a stock client does not send.
    static func decode(_ text: ByteBuffer) throws(Malformed) -> SocketPacket {
        var rest = text
        guard let kind = rest.readInteger(as: UInt8.self).flatMap(SocketPacket.Kind.init(rawValue:)) else {
            throw Malformed()
        }
        var packet = SocketPacket(kind: kind)
        if kind == .binaryEvent || kind == .binaryAcknowledgement {
            packet.attachmentCount = try readAttachmentCount(&rest)
        }
        packet.namespace = try readNamespace(&rest)
        packet.id = try readID(&rest)
        if rest.readableBytes > 0 { packet.json = rest }
        try validate(packet)
        return packet
    }

    private static func readAttachmentCount(_ rest: inout ByteBuffer) throws(Malformed) -> Int {
        guard let count = readNumber(&rest, digitsMax: 3), count <= attachmentsMax,
            rest.readInteger(as: UInt8.self) == UInt8(ascii: "-")
        else { throw Malformed() }
        return count
    }

    private static func readNamespace(_ rest: inout ByteBuffer) throws(Malformed) -> String {
        guard rest.getInteger(at: rest.readerIndex, as: UInt8.self) == UInt8(ascii: "/") else { return "/" }
        let view = rest.readableBytesView
        let end = view.firstIndex(of: UInt8(ascii: ",")) ?? view.endIndex
        guard end - view.startIndex <= namespaceBytesMax, let name = rest.readString(length: end - view.startIndex)
        else { throw Malformed() }
        if rest.readableBytes > 0 { rest.moveReaderIndex(forwardBy: 1) }
        return name
    }

    private static func readID(_ rest: inout ByteBuffer) throws(Malformed) -> Int? {
        guard let byte = rest.getInteger(at: rest.readerIndex, as: UInt8.self), isDigit(byte) else { return nil }
        guard let id = readNumber(&rest, digitsMax: idDigitsMax) else { throw Malformed() }
        return id
    }

    /// Reads decimal digits; nil when there are none or too many.
    private static func readNumber(_ rest: inout ByteBuffer, digitsMax: Int) -> Int? {
        var value = 0
        var digits = 0
        while let byte = rest.getInteger(at: rest.readerIndex, as: UInt8.self), isDigit(byte) {
            guard digits < digitsMax else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            digits += 1
            rest.moveReaderIndex(forwardBy: 1)
        }
        return digits > 0 ? value : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    // MARK: Payload

    private static func validate(_ packet: SocketPacket) throws(Malformed) {
        switch packet.kind {
        case .connect:
            if let json = packet.json { try PayloadValidator.checkObject(json) }
        case .disconnect:
            guard packet.json == nil else { throw Malformed() }
        case .event, .binaryEvent:
            guard let json = packet.json else { throw Malformed() }
            try PayloadValidator.checkEvent(json, attachmentCount: packet.attachmentCount)
        case .acknowledgement, .binaryAcknowledgement:
            guard let json = packet.json, packet.id != nil else { throw Malformed() }
            try PayloadValidator.checkArray(json, attachmentCount: packet.attachmentCount)
        case .connectError:
            // Only a server refuses a connection.
            throw Malformed()
        }
    }
}
