import NIOCore

/// Reads a client's WebSocket frames and joins fragments to messages (RFC 6455, section 5).
///
/// Nothing is allocated on a frame's word: a length over the limit is refused when its header is read. Fragments are
/// limited in number too, because many tiny or empty ones would cost far more than their bytes.
struct WebSocketParser {
    enum Event: Equatable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// The peer's close frame; nil when it gave no code.
        case close(WebSocketCloseCode?)
    }

    /// Most frames that one message may be cut into, by default.
    static let fragmentsMax = 1_024

    private let limits: WebSocketHandler.Limits
    /// Reads compressed messages, where they were agreed on.
    private let inflater: Inflater?
    private var received = ByteBuffer()
    private var message: Message?

    private struct Message {
        var isText: Bool
        var isCompressed: Bool
        var content: ByteBuffer
        var fragments = 1
    }

    private struct Header {
        var isFinal: Bool
        var isCompressed: Bool
        var opcode: WebSocketFrame.Opcode
        var payloadBytes: Int
        var mask: UInt32
    }

    init(limits: WebSocketHandler.Limits, inflater: Inflater? = nil) {
        self.limits = limits
        self.inflater = inflater
    }

    /// Takes bytes from the network.
    mutating func feed(_ bytes: ByteBuffer) {
        if received.readableBytes == 0 {
            received = bytes
        } else {
            received.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole message or control frame, or nil when more bytes are needed.
    ///
    /// - Throws: The code with which the connection has to be closed.
    mutating func next() throws(WebSocketCloseCode) -> Event? {
        while true {
            guard let header = try readHeader() else {
                releaseConsumedBytes()
                return nil
            }
            guard var payload = received.readSlice(length: header.payloadBytes) else { return nil }
            Self.unmask(&payload, header.mask)
            if let event = try take(header, payload) { return event }
        }
    }

    // MARK: Frames

    /// Reads a header only when its whole frame is here, so that an incomplete frame is simply looked at again.
    private mutating func readHeader() throws(WebSocketCloseCode) -> Header? {
        var peek = received
        guard let (first, second) = peek.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
        guard first & 0x30 == 0, let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0f) else {
            throw .protocolError
        }
        // RFC 7692, section 6: the first reserved bit marks the first frame of a compressed message.
        let isCompressed = first & 0x40 != 0
        guard !isCompressed || (inflater != nil && (opcode == .text || opcode == .binary)) else {
            throw .protocolError
        }
        // Section 5.1: a server closes the connection on a frame that is not masked.
        guard second & 0x80 != 0 else { throw .protocolError }
        let isFinal = first & 0x80 != 0
        guard let payloadBytes = try Self.readLength(second & 0x7f, from: &peek) else { return nil }
        try check(opcode, isFinal: isFinal, payloadBytes: payloadBytes)
        guard let mask = peek.readInteger(as: UInt32.self), peek.readableBytes >= payloadBytes else { return nil }
        received.moveReaderIndex(to: peek.readerIndex)
        return Header(
            isFinal: isFinal,
            isCompressed: isCompressed,
            opcode: opcode,
            payloadBytes: payloadBytes,
            mask: mask
        )
    }

    private static func readLength(_ short: UInt8, from buffer: inout ByteBuffer) throws(WebSocketCloseCode) -> Int? {
        switch short {
        case 126:
            guard let length = buffer.readInteger(as: UInt16.self) else { return nil }
            return Int(length)
        case 127:
            guard let length = buffer.readInteger(as: UInt64.self) else { return nil }
            guard let length = Int(exactly: length) else { throw .protocolError }
            return length
        default:
            return Int(short)
        }
    }

    private func check(
        _ opcode: WebSocketFrame.Opcode,
        isFinal: Bool,
        payloadBytes: Int
    ) throws(WebSocketCloseCode) {
        if opcode.isControl {
            guard isFinal, payloadBytes <= WebSocketFrame.controlBytesMax else { throw .protocolError }
            return
        }
        guard (opcode == .continuation) == (message != nil) else { throw .protocolError }
        let before = message?.content.readableBytes ?? 0
        guard payloadBytes <= limits.messageBytesMax - before else { throw .messageTooBig }
    }

    private mutating func take(_ header: Header, _ payload: ByteBuffer) throws(WebSocketCloseCode) -> Event? {
        switch header.opcode {
        case .ping:
            return .ping(payload)
        case .pong:
            return .pong
        case .close:
            return .close(try Self.closeCode(payload))
        case .text, .binary:
            guard header.isFinal else {
                message = Message(
                    isText: header.opcode == .text,
                    isCompressed: header.isCompressed,
                    content: payload
                )
                return nil
            }
            return try event(isText: header.opcode == .text, isCompressed: header.isCompressed, payload)
        case .continuation:
            guard var message = message.take() else { throw .protocolError }
            message.content.writeImmutableBuffer(payload)
            message.fragments += 1
            guard message.fragments <= limits.fragmentsMax else { throw .policyViolation }
            guard header.isFinal else {
                self.message = message
                return nil
            }
            return try event(isText: message.isText, isCompressed: message.isCompressed, message.content)
        }
    }

    private func event(
        isText: Bool,
        isCompressed: Bool,
        _ payload: ByteBuffer
    ) throws(WebSocketCloseCode) -> Event {
        var content = payload
        if isCompressed, let inflater {
            content = try inflater.decompress(payload, bytesMax: limits.messageBytesMax)
        }
        guard isText else { return .binary(content) }
        guard UTF8Validation.isValid(content.readableBytesView) else { throw .invalidData }
        return .text(content)
    }

    private static func closeCode(_ payload: ByteBuffer) throws(WebSocketCloseCode) -> WebSocketCloseCode? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.readInteger(as: UInt16.self).map(WebSocketCloseCode.init(rawValue:)),
            code.isValidOnWire
        else { throw .protocolError }
        guard UTF8Validation.isValid(payload.readableBytesView) else { throw .invalidData }
        return code
    }

    // MARK: Bytes

    private static func unmask(_ payload: inout ByteBuffer, _ mask: UInt32) {
        let wide = UInt64(mask.bigEndian) | UInt64(mask.bigEndian) << 32
        payload.withUnsafeMutableReadableBytes { bytes in
            var index = 0
            while index + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wide
                bytes.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < bytes.count {
                bytes[index] ^= UInt8(truncatingIfNeeded: wide >> (8 * (index % 8)))
                index += 1
            }
        }
    }

    /// An idle socket keeps no buffer.
    private mutating func releaseConsumedBytes() {
        if received.readableBytes == 0 {
            received = ByteBuffer()
        } else {
            received.discardReadBytes()
        }
    }
}
