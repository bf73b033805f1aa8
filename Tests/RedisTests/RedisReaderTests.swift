import NIOCore
import Testing

@testable import Redis

@Suite("RESP2 reader and writer")
struct RedisReaderTests {
    static let samples: [(String, RedisValue)] = [
        ("+OK\r\n", .status("OK")),
        ("-ERR no\r\n", .error("ERR no")),
        (":-42\r\n", .integer(-42)),
        ("$-1\r\n", .null),
        ("*-1\r\n", .null),
        ("$0\r\n\r\n", .bulk(ByteBuffer())),
        ("$4\r\na\r\nb\r\n", .bulk(ByteBuffer(string: "a\r\nb"))),
        ("*0\r\n", .array([])),
        (
            "*3\r\n:1\r\n*2\r\n$1\r\na\r\n*0\r\n$-1\r\n",
            .array([.integer(1), .array([.bulk(ByteBuffer(string: "a")), .array([])]), .null])
        ),
    ]

    @Test("replies are read however the bytes are cut", arguments: [1, 2, 3, 7, 1_000])
    func pieces(_ size: Int) throws {
        let reader = RedisReader()
        var bytes = ByteBuffer(string: Self.samples.map(\.0).joined())
        var values: [RedisValue] = []
        while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
            try reader.feed(piece) { values.append($0) }
        }
        #expect(values == Self.samples.map(\.1))
    }

    @Test("a long string comes whole")
    func long() throws {
        let reader = RedisReader()
        let text = String(repeating: "x", count: 1_000_000)
        var values: [RedisValue] = []
        try reader.feed(ByteBuffer(string: "$1000000\r\n\(text)\r\n:1\r\n")) { values.append($0) }
        #expect(values == [.bulk(ByteBuffer(string: text)), .integer(1)])
    }

    @Test(
        "what is not RESP2, too deep or too large is refused",
        arguments: [
            "hello\r\n", ":abc\r\n", "*1048577\r\n", "*2147483647\r\n", "*1\r\n*1048577\r\n",
            String(repeating: "*1\r\n", count: 10),
        ]
    )
    func refused(_ text: String) {
        let error = #expect(throws: RedisError.self) { try RedisReader().feed(ByteBuffer(string: text)) { _ in } }
        guard case .protocolViolation? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a string without end is given up at the limit")
    func endless() {
        let reader = RedisReader()
        let piece = ByteBuffer(repeating: 0x78, count: 1 << 20)
        let error = #expect(throws: RedisError.self) {
            try reader.feed(ByteBuffer(string: "$1000000000\r\n")) { _ in }
            for _ in 0..<100 { try reader.feed(piece) { _ in } }
        }
        #expect(error == .protocolViolation("a reply is longer than 67108864 bytes"))
    }

    @Test("commands are arrays of bulk strings, whatever their arguments hold")
    func commands() {
        var buffer = ByteBuffer()
        buffer.writeCommand("SET", ["k\r\n", -12, ByteBuffer(bytes: [0, 255]), [UInt8(1)], "é", ""])
        let expected =
            Array("*7\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$3\r\n-12\r\n$2\r\n".utf8) + [0, 255]
            + Array("\r\n$1\r\n".utf8) + [1] + Array("\r\n$2\r\né\r\n$0\r\n\r\n".utf8)
        #expect(Array(buffer.readableBytesView) == expected)
        buffer.clear()
        buffer.writePublish(ByteBuffer(string: "hello world"), to: "news", sharded: false)
        buffer.writePublish(ByteBuffer(), to: "", sharded: true)
        #expect(
            String(buffer: buffer)
                == "*3\r\n$7\r\nPUBLISH\r\n$4\r\nnews\r\n$11\r\nhello world\r\n*3\r\n$8\r\nSPUBLISH\r\n$0\r\n\r\n$0\r\n\r\n"
        )
    }
}
