package import NIOCore

/// A WebSocket client by hand: proper messages, and every frame that a proper client would never send.
package final class TestWebSocket: Sendable {
    package enum Message: Sendable, Equatable {
        case text(String)
        case binary([UInt8])
        case pong([UInt8])
        /// The server's close frame with its code; nil when it has none.
        case close(UInt16?)
    }

    package enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xa
    }

    package let connection: TestConnection

    /// The headers of a proper opening handshake.
    package static let handshakeHeaders = [
        ("Upgrade", "websocket"), ("Connection", "Upgrade"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13"),
    ]

    /// Opens a connection and upgrades it.
    ///
    /// - Throws: `TestConnection.Failure.unexpected` when the server refuses.
    package static func open(
        port: Int,
        _ uri: String,
        headers: [(String, String)] = []
    ) async throws -> TestWebSocket {
        try await upgrade(TestConnection.open(port: port), uri, headers: headers)
    }

    /// Upgrades a connection that may have served other requests before.
    package static func upgrade(
        _ connection: TestConnection,
        _ uri: String,
        headers: [(String, String)] = []
    ) async throws -> TestWebSocket {
        let response = try await connection.request("GET", uri, headers: handshakeHeaders + headers)
        guard response.status == 101 else {
            connection.close()
            throw TestConnection.Failure.unexpected("\(response.status) \(response.body)")
        }
        return TestWebSocket(connection)
    }

    private init(_ connection: TestConnection) {
        self.connection = connection
    }

    // MARK: Out

    package func send(_ text: String) async throws {
        try await connection.write(Self.frame(.text, Array(text.utf8)))
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await connection.write(Self.frame(.binary, bytes))
    }

    package func ping(_ payload: [UInt8] = []) async throws {
        try await connection.write(Self.frame(.ping, payload))
    }

    /// Sends a close frame; the server answers with one and ends the connection.
    package func sendClose(_ code: UInt16 = 1000) async throws {
        try await connection.write(Self.frame(.close, [UInt8(code >> 8), UInt8(code & 0xff)]))
    }

    /// Ends the connection without a word.
    package func close() { connection.close() }

    /// A frame as it stands on the wire; by default one that a proper client may send.
    package static func frame(
        _ opcode: Opcode,
        _ payload: [UInt8] = [],
        isFinal: Bool = true,
        reserved: UInt8 = 0,
        isMasked: Bool = true,
        announcedBytes: UInt64? = nil
    ) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger((isFinal ? 0x80 : 0) | reserved << 4 | opcode.rawValue)
        let maskBit: UInt8 = isMasked ? 0x80 : 0
        switch announcedBytes ?? UInt64(payload.count) {
        case let length where length <= 125:
            frame.writeInteger(maskBit | UInt8(length))
        case let length where length <= 0xffff:
            frame.writeInteger(maskBit | 126)
            frame.writeInteger(UInt16(length))
        case let length:
            frame.writeInteger(maskBit | 127)
            frame.writeInteger(length)
        }
        guard isMasked else {
            frame.writeBytes(payload)
            return frame
        }
        let mask: [UInt8] = [0x37, 0xfa, 0x21, 0x3d]
        frame.writeBytes(mask)
        frame.writeBytes(payload.enumerated().map { $0.element ^ mask[$0.offset % 4] })
        return frame
    }

    // MARK: In

    /// Waits for the next frame. A server never cuts its messages into fragments, so a frame is a message.
    package func receive() async throws -> Message {
        try await connection.read { bytes in
            guard let (first, second) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
            guard first & 0xf0 == 0x80, second & 0x80 == 0, let opcode = Opcode(rawValue: first & 0x0f) else {
                throw TestConnection.Failure.unexpected("a frame that no server may send: \(first) \(second)")
            }
            var length = Int(second)
            if second == 126 {
                guard let wide = bytes.readInteger(as: UInt16.self) else { return nil }
                length = Int(wide)
            } else if second == 127 {
                guard let wide = bytes.readInteger(as: UInt64.self) else { return nil }
                length = Int(wide)
            }
            guard var payload = bytes.readSlice(length: length) else { return nil }
            switch opcode {
            case .text: return .text(String(buffer: payload))
            case .binary: return .binary(Array(payload.readableBytesView))
            case .pong: return .pong(Array(payload.readableBytesView))
            case .close: return .close(payload.readInteger(as: UInt16.self))
            case .continuation, .ping: throw TestConnection.Failure.unexpected("a frame of type \(opcode)")
            }
        }
    }

    /// Waits for a text message and skips nothing.
    package func receiveText() async throws -> String {
        let message = try await receive()
        guard case .text(let text) = message else { throw TestConnection.Failure.unexpected("\(message)") }
        return text
    }

    /// Waits for the server's close frame, skipping what comes before it, and for the end of the connection.
    ///
    /// - Returns: The code; nil when the connection ended without a close frame.
    @discardableResult
    package func receiveClose() async throws -> UInt16? {
        var code: UInt16?
        do {
            while true {
                if case .close(let received) = try await receive() {
                    code = received
                    try? await sendClose(received ?? 1000)
                }
            }
        } catch TestConnection.Failure.ended {
            return code
        }
    }
}
