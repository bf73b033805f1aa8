import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite struct WebSocketParserTests {
    private typealias Event = WebSocketParser.Event

    /// All events of some frames, and the code with which the connection has to be closed behind them.
    private func parse(
        _ frames: [ByteBuffer],
        messageBytesMax: Int = 1_000,
        bytesAtOnce: Int = .max
    ) -> (events: [Event], failure: WebSocketCloseCode?) {
        var parser = WebSocketParser(limits: WebSocketHandler.Limits(messageBytesMax: messageBytesMax))
        var wire = ByteBuffer()
        for frame in frames { wire.writeImmutableBuffer(frame) }
        var events: [Event] = []
        do throws(WebSocketCloseCode) {
            while let part = wire.readSlice(length: min(bytesAtOnce, wire.readableBytes)), part.readableBytes > 0 {
                parser.feed(part)
                while let event = try parser.next() { events.append(event) }
            }
            return (events, nil)
        } catch {
            return (events, error)
        }
    }

    private func frame(
        _ opcode: TestWebSocket.Opcode,
        _ text: String = "",
        final: Bool = true
    ) -> ByteBuffer {
        TestWebSocket.frame(opcode, Array(text.utf8), isFinal: final)
    }

    private func text(_ text: String) -> Event { .text(ByteBuffer(string: text)) }

    @Test(
        "messages of every length form are read, however few bytes arrive at once",
        arguments: [1, 2, 3, 7, 1_000_000]
    )
    func reads(_ bytesAtOnce: Int) {
        let lengths = [0, 1, 3, 8, 125, 126, 127, 300, 65_535, 65_536]
        let frames = lengths.map { TestWebSocket.frame(.binary, Array(repeating: 0xa5, count: $0)) }
        let (events, failure) = parse(frames, messageBytesMax: 100_000, bytesAtOnce: bytesAtOnce)
        #expect(events == lengths.map { .binary(ByteBuffer(bytes: Array(repeating: 0xa5, count: $0))) })
        #expect(failure == nil)
    }

    @Test("fragments are joined, and control frames may stand between them", arguments: [1, 1_000])
    func joins(_ bytesAtOnce: Int) {
        let frames = [
            frame(.text, "Hel", final: false), frame(.ping, "are you there"), frame(.continuation, "", final: false),
            frame(.pong), frame(.continuation, "lo"), frame(.binary, "x"),
        ]
        let (events, failure) = parse(frames, bytesAtOnce: bytesAtOnce)
        #expect(
            events == [
                .ping(ByteBuffer(string: "are you there")), .pong, text("Hello"), .binary(ByteBuffer(string: "x")),
            ]
        )
        #expect(failure == nil)
    }

    @Test("a character may be cut by fragments, but the whole has to be UTF-8")
    func cutsCharacters() {
        let euro = Array("€".utf8)
        let good = [
            TestWebSocket.frame(.text, [euro[0]], isFinal: false),
            TestWebSocket.frame(.continuation, [euro[1]], isFinal: false),
            TestWebSocket.frame(.continuation, [euro[2]]),
        ]
        #expect(parse(good).events == [text("€")])
        let bad = [TestWebSocket.frame(.text, [euro[0]], isFinal: false), TestWebSocket.frame(.continuation, [0x41])]
        #expect(parse(bad).failure == .invalidData)
        #expect(parse([TestWebSocket.frame(.text, [0xff])]).failure == .invalidData)
    }

    @Test("a reserved bit, alone or with others, breaks the protocol", arguments: 1...7 as ClosedRange<UInt8>)
    func refusesReservedBits(_ bits: UInt8) {
        #expect(parse([TestWebSocket.frame(.text, [0x41], reserved: bits)]).failure == .protocolError)
        #expect(parse([TestWebSocket.frame(.ping, [], reserved: bits)]).failure == .protocolError)
    }

    @Test("an unknown opcode breaks the protocol", arguments: [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf] as [UInt8])
    func refusesOpcodes(_ opcode: UInt8) {
        #expect(parse([ByteBuffer(bytes: [0x80 | opcode, 0x80, 0, 0, 0, 0])]).failure == .protocolError)
    }

    @Test("a frame without a mask breaks the protocol, however long it says it is")
    func refusesUnmasked() {
        #expect(parse([TestWebSocket.frame(.text, [0x41], isMasked: false)]).failure == .protocolError)
        #expect(parse([ByteBuffer(bytes: [0x81, 0x7f])]).failure == .protocolError)
    }

    @Test("a length over the limit is refused when its header is here, before a byte of it")
    func refusesBeforeAllocation() {
        let header = TestWebSocket.frame(.binary, announcedBytes: 1_001)
        #expect(parse([header]).failure == .messageTooBig)
        #expect(parse([TestWebSocket.frame(.text, announcedBytes: UInt64(Int.max))]).failure == .messageTooBig)
        #expect(parse([TestWebSocket.frame(.text, announcedBytes: .max)]).failure == .protocolError)
        // Not even the mask has to be there.
        #expect(parse([ByteBuffer(bytes: [0x82, 0xfe, 0xff, 0xff])]).failure == .messageTooBig)
    }

    @Test("the limit is that of the message, not of each fragment")
    func limitsMessages() {
        let half = String(repeating: "x", count: 500)
        let exact = [frame(.text, half, final: false), frame(.continuation, half)]
        #expect(parse(exact).events == [text(half + half)])
        let over = [frame(.text, half, final: false), frame(.continuation, half + "x")]
        #expect(parse(over).failure == .messageTooBig)
    }

    @Test("tiny and empty fragments are limited in number")
    func limitsFragments() {
        let most =
            [frame(.text, "", final: false)]
            + Array(repeating: frame(.continuation, "", final: false), count: WebSocketParser.fragmentsMax - 2)
        let (events, failure) = parse(most + [frame(.continuation)])
        #expect(events == [text("")])
        #expect(failure == nil)
        let tooMany = most + [frame(.continuation, "", final: false), frame(.continuation)]
        #expect(parse(tooMany).failure == .policyViolation)
    }

    @Test("a continuation of nothing, and a message inside of a message, break the protocol")
    func refusesOrder() {
        #expect(parse([frame(.continuation, "x")]).failure == .protocolError)
        #expect(parse([frame(.text, "x", final: false), frame(.text, "y")]).failure == .protocolError)
        #expect(parse([frame(.text, "x", final: false), frame(.binary, "y", final: false)]).failure == .protocolError)
    }

    @Test("a control frame is whole and short")
    func limitsControlFrames() {
        let longest = Array(repeating: UInt8(0x41), count: 125)
        #expect(parse([TestWebSocket.frame(.ping, longest)]).events == [.ping(ByteBuffer(bytes: longest))])
        #expect(parse([TestWebSocket.frame(.ping, longest + [0x41])]).failure == .protocolError)
        #expect(parse([TestWebSocket.frame(.ping, [], isFinal: false)]).failure == .protocolError)
        #expect(parse([TestWebSocket.frame(.close, [], isFinal: false)]).failure == .protocolError)
    }

    @Test("codes that a peer may send are taken", arguments: [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999])
    func takesCloseCodes(_ code: UInt16) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xff)] + Array("bye".utf8)
        #expect(parse([TestWebSocket.frame(.close, payload)]).events == [.close(.init(rawValue: code))])
    }

    @Test(
        "codes that never appear on the wire are refused",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65_535]
    )
    func refusesCloseCodes(_ code: UInt16) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xff)]
        #expect(parse([TestWebSocket.frame(.close, payload)]).failure == .protocolError)
    }

    @Test("a close frame may be empty, but has no half of a code and no broken text")
    func checksCloseFrames() {
        #expect(parse([frame(.close)]).events == [.close(nil)])
        #expect(parse([TestWebSocket.frame(.close, [3])]).failure == .protocolError)
        #expect(parse([TestWebSocket.frame(.close, [3, 0xe8, 0xff])]).failure == .invalidData)
    }
}
