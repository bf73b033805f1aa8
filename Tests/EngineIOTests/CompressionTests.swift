import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import EngineIO

/// permessage-deflate (RFC 7692) and compressed polls: what is agreed on, what goes over the wire, and what hostile
/// clients make of it.
@Suite(.timeLimit(.minutes(2))) struct CompressionTests {
    private static let offer = ("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")

    private func with(_ body: (EngineTestServer) async throws -> Void) async throws {
        var options = PerMessageDeflate()
        options.threshold = 10
        try await EngineTestServer.with(
            configure: { [options] in
                $0.perMessageDeflate = options
                $0.httpCompression = HTTPCompression()
                $0.maxPayload = 100_000
            },
            body
        )
    }

    private func open(_ server: EngineTestServer) async throws -> TestWebSocket {
        let uri = "\(EngineTestServer.path)?EIO=4&transport=websocket"
        let socket = try await TestWebSocket.open(port: server.port, uri, headers: [Self.offer])
        #expect(try await receive(socket).hasPrefix("0{"))
        return socket
    }

    /// A whole short message of the server, which has to be compressed.
    private func receive(_ socket: TestWebSocket) async throws -> String {
        let payload = try await socket.connection.read { bytes -> ByteBuffer? in
            guard let (first, second) = bytes.readMultipleIntegers(as: (UInt8, UInt8).self) else { return nil }
            guard first == 0xc1 else { throw TestConnection.Failure.unexpected("a frame that begins with \(first)") }
            guard second == 126 else { return bytes.readSlice(length: Int(second)) }
            guard let length = bytes.readInteger(as: UInt16.self) else { return nil }
            return bytes.readSlice(length: Int(length))
        }
        return String(buffer: try Inflater().decompress(payload, bytesMax: 1 << 20))
    }

    private func compressed(_ text: String) -> [UInt8] {
        Array(Deflater(.message(windowBits: 15)).compress(ByteBuffer(string: text)).readableBytesView)
    }

    @Test("messages are compressed in both directions, short ones are not, and fragments are joined first")
    func roundTrip() async throws {
        try await with { server async throws in
            let socket = try await open(server)
            let text = "4" + String(repeating: "hello ", count: 100)
            try await socket.connection.write(TestWebSocket.frame(.text, compressed(text), reserved: 4))
            #expect(try await receive(socket) == text)
            let bytes = compressed(text)
            var wire = TestWebSocket.frame(.text, Array(bytes[..<3]), isFinal: false, reserved: 4)
            wire.writeImmutableBuffer(TestWebSocket.frame(.ping))
            wire.writeImmutableBuffer(TestWebSocket.frame(.continuation, Array(bytes[3...])))
            try await socket.connection.write(wire)
            #expect(try await socket.receive() == .pong([]))
            #expect(try await receive(socket) == text)
            try await socket.send("4short")
            #expect(try await socket.receiveText() == "4short")
        }
    }

    @Test("an upgraded session compresses too, and one that did not ask for it does not")
    func upgraded() async throws {
        try await with { server async throws in
            let text = "4" + String(repeating: "x", count: 500)
            let client = try await server.open(.polling)
            let socket = try await TestWebSocket.open(
                port: server.port,
                client.uri(.webSocket),
                headers: [Self.offer]
            )
            try await socket.send("2probe")
            #expect(try await socket.receiveText() == "3probe")
            try await socket.send("5")
            try await socket.connection.write(TestWebSocket.frame(.text, compressed(text), reserved: 4))
            #expect(try await receive(socket) == text)
            let plain = try await server.open(.webSocket)
            try await plain.send(.text(text))
            #expect(try await plain.receive() == .text(text))
        }
    }

    @Test(
        "what cannot be decompressed, or is too much when it is, ends the connection with its code",
        arguments: ["bomb", "nonsense", "mark in the middle", "marked ping", "no text"]
    )
    func hostile(_ attack: String) async throws {
        try await with { server async throws in
            let socket = try await open(server)
            var wire: ByteBuffer
            let code: UInt16
            switch attack {
            case "bomb":
                let bomb = compressed("4" + String(repeating: "0", count: 50_000_000))
                #expect(bomb.count < 100_000)
                wire = TestWebSocket.frame(.text, bomb, reserved: 4)
                code = 1009
            case "nonsense":
                wire = TestWebSocket.frame(.text, [0xff, 0xff, 0xff, 0xff, 0x00], reserved: 4)
                code = 1007
            case "mark in the middle":
                wire = TestWebSocket.frame(.text, [0x34], isFinal: false)
                wire.writeImmutableBuffer(TestWebSocket.frame(.continuation, [0x34], reserved: 4))
                code = 1002
            case "marked ping":
                wire = TestWebSocket.frame(.ping, [], reserved: 4)
                code = 1002
            default:
                let bytes = Deflater(.message(windowBits: 15)).compress(ByteBuffer(bytes: [0x34, 0xff, 0xfe]))
                wire = TestWebSocket.frame(.text, Array(bytes.readableBytesView), reserved: 4)
                code = 1007
            }
            try await socket.connection.write(wire)
            #expect(try await socket.receiveClose() == code)
            #expect(try await server.servesTheNextClient())
        }
    }

    @Test("many bombs one behind the other cost no more than one")
    func bombs() throws {
        let inflater = Inflater()
        let bomb = Deflater(.message(windowBits: 15)).compress(ByteBuffer(repeating: 0, count: 10_000_000))
        for _ in 0..<100 {
            #expect(throws: WebSocketCloseCode.messageTooBig) { try inflater.decompress(bomb, bytesMax: 1_000) }
        }
        // The next message is none the worse for it.
        let fine = Deflater(.message(windowBits: 9)).compress(ByteBuffer(string: "fine"))
        #expect(try inflater.decompress(fine, bytesMax: 4) == ByteBuffer(string: "fine"))
        #expect(throws: WebSocketCloseCode.messageTooBig) { try inflater.decompress(fine, bytesMax: 3) }
        #expect(try inflater.decompress(ByteBuffer(), bytesMax: 0).readableBytes == 0)
    }

    // nio-extras CVE-2022-3252: bytes behind the last block kept a decompressor busy for ever.
    @Test("what stands behind a message's last block is not read, however much it is", arguments: [0, 1, 5, 100_000])
    func trailingBytes(_ count: Int) throws {
        // A fixed block that is marked as the last one: "Hello" (RFC 7692, section 7.2.3.4).
        let last: [UInt8] = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]
        let inflater = Inflater()
        for junk in [0x00, 0x55, 0xff] as [UInt8] {
            let message = ByteBuffer(bytes: last + Array(repeating: junk, count: count))
            #expect(try inflater.decompress(message, bytesMax: 1_000) == ByteBuffer(string: "Hello"))
        }
    }

    @Test("random texts come back, whatever the window")
    func everyWindow() throws {
        var generator = SystemRandomNumberGenerator()
        for windowBits in Int32(9)...15 {
            let deflater = Deflater(.message(windowBits: windowBits))
            for size in [0, 1, 100, 40_000] {
                let bytes = ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: 0...7, using: &generator) })
                #expect(try Inflater().decompress(deflater.compress(bytes), bytesMax: size) == bytes)
            }
        }
    }

    @Test(
        "the first offer that can be taken is taken",
        arguments: [
            ("permessage-deflate", ""), ("permessage-deflate; client_max_window_bits", ""),
            ("PerMessage-Deflate;client_no_context_takeover ; server_no_context_takeover", ""),
            ("permessage-deflate; server_max_window_bits=10", "; server_max_window_bits=10"),
            ("permessage-deflate; server_max_window_bits=\"9\"", "; server_max_window_bits=9"),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", ""),
            ("x-other, permessage-deflate", ""),
        ]
    )
    func offers(_ offer: String, _ tail: String) {
        let expected = "permessage-deflate; server_no_context_takeover; client_no_context_takeover\(tail)"
        #expect(PerMessageDeflate.agree(on: [offer])?.header == expected)
    }

    @Test(
        "an offer that is odd is not taken",
        arguments: [
            "", ",", ";", "x-webkit-deflate-frame", "permessage-deflate; unknown", "permessage-deflate;",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=010", "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=-9", "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_no_context_takeover=1",
            "permessage-deflate; client_max_window_bits; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=99999999999999999999",
            String(repeating: "permessage-deflate;a=b,", count: 10_000),
        ]
    )
    func oddOffers(_ offer: String) {
        #expect(PerMessageDeflate.agree(on: [offer]) == nil)
    }

    @Test("without the option nothing is agreed on")
    func off() async throws {
        try await EngineTestServer.with { server async throws in
            let response = try await server.request(
                "GET",
                "\(EngineTestServer.path)?EIO=4&transport=websocket",
                headers: TestWebSocket.handshakeHeaders + [Self.offer]
            )
            #expect(response.status == 101)
            #expect(response.headers["sec-websocket-extensions"].isEmpty)
        }
    }

    @Test("a long poll's answer is compressed for who can read it")
    func polling() async throws {
        try await with { server async throws in
            let text = "4" + String(repeating: "hello ", count: 1_000)
            for (accepted, isCompressed) in [("gzip, br", true), ("br;q=1, gzip;q=0", false), ("identity", false)] {
                let client = try await server.open(.polling)
                try await client.send(.text(text))
                let response = try await server.request(
                    "GET",
                    client.uri(.polling),
                    headers: [("Accept-Encoding", accepted)]
                )
                #expect(response.status == 200)
                #expect((response.headers["content-encoding"] == ["gzip"]) == isCompressed)
                if isCompressed {
                    // A magic number and a tenth of the size; that it is gzip, zlib's own tests say.
                    #expect(response.bodyBytes.readableBytesView.prefix(2).elementsEqual([0x1f, 0x8b]))
                    #expect(response.bodyBytes.readableBytes < text.utf8.count / 10)
                } else {
                    #expect(response.body == text)
                }
            }
        }
    }
}
