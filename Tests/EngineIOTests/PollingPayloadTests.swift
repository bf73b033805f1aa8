import NIOCore
import Testing

@testable import EngineIO

@Suite struct PollingPayloadTests {
    @Test("packets are joined by the record separator, bytes travel as base64")
    func encodes() {
        let body = PollingPayload.encode([
            .message(.text(ByteBuffer(string: "hello"))), .binary(ByteBuffer(bytes: [1, 2, 3, 4])), .ping, .noop,
        ])
        #expect(String(buffer: body) == "4hello\u{1e}bAQIDBA==\u{1e}2\u{1e}6")
    }

    @Test("no packets make an empty body")
    func encodesNothing() {
        #expect(PollingPayload.encode([OutboundPacket]()).readableBytes == 0)
    }

    @Test("a body is split into its packets in their order")
    func decodes() throws {
        let packets = try PollingPayload.decode(ByteBuffer(string: "4hello\u{1e}bAQIDBA==\u{1e}3\u{1e}1\u{1e}4"))
        #expect(
            packets == [
                .message(.text(ByteBuffer(string: "hello"))), .message(.binary(ByteBuffer(bytes: [1, 2, 3, 4]))),
                .pong(ByteBuffer()), .close, .message(.text(ByteBuffer())),
            ]
        )
    }

    @Test("a body is read from wherever its buffer begins")
    func decodesSlice() throws {
        var buffer = ByteBuffer(string: "xx4a\u{1e}4b")
        buffer.moveReaderIndex(forwardBy: 2)
        #expect(try PollingPayload.decode(buffer).count == 2)
    }

    @Test("an empty binary message is a message")
    func decodesEmptyBinary() throws {
        #expect(try PollingPayload.decode(ByteBuffer(string: "b")) == [.message(.binary(ByteBuffer()))])
    }

    @Test(
        "what holds a packet that is none is refused whole",
        arguments: [
            "", "abc", "4a\u{1e}", "\u{1e}4a", "4a\u{1e}\u{1e}4b", "7", "0{}", "4ok\u{1e}x", "bA", "b****",
            "bAQIDBA==x",
            "B AQ==",
        ]
    )
    func refuses(_ body: String) {
        #expect(throws: PollingPayload.Malformed.self) { try PollingPayload.decode(ByteBuffer(string: body)) }
    }

    @Test("text that is not UTF-8 is refused")
    func refusesBrokenText() {
        let body = ByteBuffer(bytes: [0x34, 0xc3, 0x28])
        #expect(throws: PollingPayload.Malformed.self) { try PollingPayload.decode(body) }
    }

    @Test("a body carries a thousand packets and not one more")
    func limitsPackets() throws {
        let most = Array(repeating: "4", count: PollingPayload.packetsMax).joined(separator: "\u{1e}")
        #expect(try PollingPayload.decode(ByteBuffer(string: most)).count == PollingPayload.packetsMax)
        #expect(throws: PollingPayload.Malformed.self) {
            try PollingPayload.decode(ByteBuffer(string: most + "\u{1e}4"))
        }
    }

    @Test("what is encoded is decoded to the same messages", arguments: [0, 1, 2, 3, 125, 126, 65_536])
    func roundTrip(_ count: Int) throws {
        let bytes = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let text = ByteBuffer(string: String(repeating: "ä", count: count))
        let body = PollingPayload.encode([.message(.binary(bytes)), .message(.text(text))])
        #expect(try PollingPayload.decode(body) == [.message(.binary(bytes)), .message(.text(text))])
    }
}
