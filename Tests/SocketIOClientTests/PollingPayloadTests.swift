import NIOCore
import Testing

@testable import SocketIOClient

@Suite("Bodies of long-polling")
struct PollingPayloadTests {
    @Test("packets are taken apart at the separator, binary ones out of base64")
    func decodes() throws {
        let body = ByteBuffer(string: "4hello\u{1e}2\u{1e}bAQIDBA==\u{1e}4\u{fc}")
        #expect(
            try PollingPayload.decode(body) == [
                .text(ByteBuffer(string: "4hello")), .text(ByteBuffer(string: "2")),
                .binary(ByteBuffer(bytes: [1, 2, 3, 4])), .text(ByteBuffer(string: "4\u{fc}")),
            ]
        )
        #expect(try PollingPayload.decode(ByteBuffer()).isEmpty)
        #expect(throws: SocketIOClientError.self) { try PollingPayload.decode(ByteBuffer(string: "b***")) }
    }

    @Test("a body holds as many packets as the server takes, and at least one")
    func encodes() {
        var queue = ["4abc", "4def", "4ghi"].map { ByteBuffer(string: $0) }
        #expect(PollingPayload.encode(&queue, bytesMax: 9) == ByteBuffer(string: "4abc\u{1e}4def"))
        #expect(PollingPayload.encode(&queue, bytesMax: 2) == ByteBuffer(string: "4ghi"))
        #expect(queue.isEmpty)
    }
}
