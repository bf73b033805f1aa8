import NIOCore
import Testing

@testable import EngineIO

@Suite struct PacketTests {
    @Test(
        "a packet's first character is its type",
        arguments: [
            ("1", InboundPacket.close), ("2probe", .ping(ByteBuffer(string: "probe"))), ("3", .pong(ByteBuffer())),
            ("4hi", .message(.text(ByteBuffer(string: "hi")))), ("5", .upgrade), ("6", .noop),
        ]
    )
    func reads(_ text: String, _ packet: InboundPacket) {
        #expect(InboundPacket(text: ByteBuffer(string: text)) == packet)
    }

    @Test(
        "an open packet, an unknown type and nothing at all are no packets of a client",
        arguments: ["0", "7", "a", ""]
    )
    func refuses(_ text: String) {
        #expect(InboundPacket(text: ByteBuffer(string: text)) == nil)
    }

    @Test(
        "an outbound packet holds a WebSocket frame and, behind its header, the polling form",
        arguments: [0, 1, 124, 125, 126, 65_534, 65_535, 65_536]
    )
    func frames(_ count: Int) {
        let text = String(repeating: "x", count: count)
        let packet = OutboundPacket.text(length: count) { $0.writeString(text) }
        #expect(String(buffer: packet.content) == "4" + text)
        #expect(!packet.isBinary)
        #expect(packet.byteCount == packet.frame.readableBytes)

        var frame = packet.frame
        #expect(frame.readInteger(as: UInt8.self) == 0x81)
        var length = frame.readInteger(as: UInt8.self).map(Int.init)
        if length == 127 {
            length = frame.readInteger(as: UInt64.self).map(Int.init)
        } else if length == 126 {
            length = frame.readInteger(as: UInt16.self).map(Int.init)
        }
        #expect(length == count + 1)
        #expect(frame == packet.content)
    }

    @Test("a binary message is its bytes, without a type")
    func binary() {
        let packet = OutboundPacket.message(.binary(ByteBuffer(bytes: [1, 2, 3])))
        #expect(packet.isBinary)
        #expect(Array(packet.frame.readableBytesView) == [0x82, 3, 1, 2, 3])
        #expect(Array(packet.content.readableBytesView) == [1, 2, 3])
    }
}
