import NIOCore
import SocketIO
import Testing

@testable import SocketIORedis

@Suite("MessagePack")
struct MessagePackTests {
    func encode(_ json: String, _ attachments: [[UInt8]] = []) throws -> String {
        var buffer = ByteBuffer()
        let payload = Payload(json: ByteBuffer(string: json), attachments: attachments.map { ByteBuffer(bytes: $0) })
        try JSONToMessagePack.append(payload, to: &buffer)
        return hex(buffer)
    }

    func decode(_ bytes: [UInt8]) throws -> Payload {
        let message = ByteBuffer(bytes: bytes)
        return try message.withUnsafeReadableBytes { raw in
            var reader = MessagePackReader(raw)
            let payload = try MessagePackToJSON.payload(&reader, of: message)
            guard reader.isAtEnd else { throw CodecError.malformed }
            return payload
        }
    }

    func decode(hex: String) throws -> String {
        let digits = hex.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        return String(buffer: try decode(bytes).json)
    }

    @Test(
        "numbers take their shortest form",
        arguments: [
            ("0", "00"), ("127", "7f"), ("128", "cc80"), ("255", "ccff"), ("256", "cd0100"), ("65536", "ce00010000"),
            ("4294967296", "cf0000000100000000"), ("9007199254740992", "cf0020000000000000"), ("-1", "ff"),
            ("-32", "e0"), ("-33", "d0df"), ("-129", "d1ff7f"), ("-32769", "d2ffff7fff"),
            ("-2147483649", "d3ffffffff7fffffff"), ("1.5", "cb3ff8000000000000"), ("1.0", "01"), ("1e3", "cd03e8"),
            ("-0", "00"), ("9007199254740994", "cb4340000000000001"), ("1e400", "cb7ff0000000000000"),
        ]
    )
    func numbers(_ json: String, _ expected: String) throws {
        #expect(try encode(json) == expected)
    }

    @Test(
        "numbers are printed as JavaScript prints them",
        arguments: [
            (1.0, "1"), (-1.5, "-1.5"), (1e21, "1e+21"), (1e20, "100000000000000000000"), (1.5e300, "1.5e+300"),
            (1e-6, "0.000001"), (1e-7, "1e-7"), (1.25e-7, "1.25e-7"), (0.1, "0.1"), (123456.789, "123456.789"),
            (.leastNonzeroMagnitude, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (.nan, "null"),
            (.infinity, "null"), (-0.0, "0"), (9007199254740993.0, "9007199254740992"), (1e16, "10000000000000000"),
            (123456789012345683968, "123456789012345680000"), (0.30000000000000004, "0.30000000000000004"),
            (-1e-7, "-1e-7"),
        ]
    )
    func printed(_ value: Double, _ expected: String) {
        var buffer = ByteBuffer()
        buffer.writeJSONNumber(value)
        #expect(String(buffer: buffer) == expected)
    }

    @Test(
        "every form of a number is read",
        arguments: [
            ("cf00000000000000ff", "255"), ("cfffffffffffffffff", "18446744073709552000"),
            ("d3ffffffffffffffff", "-1"), ("d38000000000000000", "-9223372036854776000"), ("ca3fc00000", "1.5"),
            ("d1ff7f", "-129"), ("cd0100", "256"), ("e0", "-32"),
        ]
    )
    func readNumbers(_ bytes: String, _ expected: String) throws {
        #expect(try decode(hex: bytes) == expected)
    }

    @Test("strings take their shortest form, escapes are undone and redone", arguments: [0, 31, 32, 255, 256, 65_536])
    func strings(_ length: Int) throws {
        let text = String(repeating: "x", count: length)
        let prefix = [0: "a0", 31: "bf", 32: "d920", 255: "d9ff", 256: "da0100", 65_536: "db00010000"][length]!
        #expect(try encode("\"\(text)\"") == prefix + String(repeating: "78", count: length))
    }

    @Test(
        "escaped text becomes UTF-8 and comes back as JSON.stringify writes it",
        arguments: [
            (#""a\nb""#, "a3610a62", #""a\nb""#), (#""\u00e9""#, "a2c3a9", "\"é\""),
            (#""\ud83d\ude00""#, "a4f09f9880", "\"😀\""), (#""\ud83d""#, "a3efbfbd", "\"\u{fffd}\""),
            (#""\ud83dx""#, "a4efbfbd78", "\"\u{fffd}x\""),
            (#""\/\\\"\b\f\r\t""#, "a72f5c22080c0d09", #""/\\\"\b\f\r\t""#),
            (#""\u0001""#, "a101", #""\u0001""#), (#""\u007f""#, "a17f", "\"\u{7f}\""),
        ]
    )
    func escapes(_ json: String, _ bytes: String, _ back: String) throws {
        #expect(try encode(json) == bytes)
        #expect(try decode(hex: bytes) == back)
    }

    @Test("containers are as short as their count allows", arguments: [0, 15, 16, 65_535, 65_536])
    func containers(_ count: Int) throws {
        let prefix = [0: "90", 15: "9f", 16: "dc0010", 65_535: "dcffff", 65_536: "dd00010000"][count]!
        let list = "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
        #expect(try encode(list) == prefix + String(repeating: "01", count: count))
        let map = "{" + (0..<count).map { "\"\($0)\":[\($0)]" }.joined(separator: ",") + "}"
        let bytes = try encode(map)
        #expect(bytes.hasPrefix([0: "80", 15: "8f", 16: "de0010", 65_535: "deffff", 65_536: "df00010000"][count]!))
        #expect(try decode(hex: bytes) == map)
    }

    @Test("attachments stand in place of their placeholders, and come out in order")
    func attachments() throws {
        let json = #"["e",{"_placeholder":true,"num":1},{"a":{"_placeholder":true,"num":0}}]"#
        let bytes = try encode(json, [[1], [2, 3]])
        #expect(bytes == "93a165c402020381a161c40101")
        let payload = try decode([0x93, 0xa1, 0x65, 0xc4, 2, 2, 3, 0x81, 0xa1, 0x61, 0xc4, 1, 1])
        #expect(
            String(buffer: payload.json)
                == #"["e",{"_placeholder":true,"num":0},{"a":{"_placeholder":true,"num":1}}]"#
        )
        #expect(payload.attachments == [ByteBuffer(bytes: [2, 3]), ByteBuffer(bytes: [1])])
    }

    @Test("a placeholder without attachment is plain data, beside attachments it must name one")
    func placeholders() throws {
        let json = #"[{"_placeholder":true,"num":1}]"#
        #expect(try encode(json) == "9182ac5f706c616365686f6c646572c3a36e756d01")
        #expect(throws: CodecError.placeholder) { try encode(json, [[1]]) }
        #expect(throws: CodecError.placeholder) { try encode(#"[{"_placeholder":true,"num":-1}]"#, [[1]]) }
        #expect(throws: CodecError.placeholder) { try encode(#"[{"_placeholder":true,"num":0.5}]"#, [[1]]) }
        #expect(try encode(#"[{"_placeholder":true,"num":"x"}]"#, [[1]]).hasPrefix("9182"))
        // {_placeholder:true} as data beside a real attachment would lead a client to the wrong bytes.
        #expect(throws: CodecError.placeholder) {
            try decode([0x92, 0xc4, 0x01, 0x01, 0x81, 0xac] + Array("_placeholder".utf8) + [0xc3])
        }
    }

    @Test(
        "dates become what toISOString gives",
        arguments: [
            ("d6ff00000000", "1970-01-01T00:00:00.000Z"), ("d6ffffffffff", "2106-02-07T06:28:15.000Z"),
            ("d7ff0000000000000001", "1970-01-01T00:00:01.000Z"), ("d7ff1e848000386d4380", "2000-01-01T00:00:00.128Z"),
            ("c70cff3b8b87c0ffffffffffffffff", "1969-12-31T23:59:59.999Z"),
            ("c70cff000000000000003afff44180", "+010000-01-01T00:00:00.000Z"),
            ("c70cff00000000fffffff184aa5080", "-000001-01-01T00:00:00.000Z"),
        ]
    )
    func dates(_ bytes: String, _ expected: String) throws {
        #expect(try decode(hex: bytes) == "\"\(expected)\"")
    }

    @Test("a date that JavaScript cannot hold is null")
    func impossibleDate() throws {
        #expect(try decode(hex: "c70cff000000007fffffffffffffff") == "null")
    }

    @Test("undefined is null in an array and no member of an object")
    func undefined() throws {
        #expect(try decode(hex: "93d4000001d40000") == "[null,1,null]")
        #expect(try decode(hex: "83a161d40000a16202a163d40000") == #"{"b":2}"#)
    }

    @Test("what is malformed is refused, and costs no more than its bytes")
    func malformed() {
        #expect(throws: CodecError.truncated) { try decode([]) }
        #expect(throws: CodecError.truncated) { try decode([0xdd, 0xff, 0xff, 0xff, 0xff]) }
        #expect(throws: CodecError.truncated) { try decode([0xdf, 0x7f, 0xff, 0xff, 0xff, 0xa0]) }
        #expect(throws: CodecError.truncated) { try decode([0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]) }
        #expect(throws: CodecError.truncated) { try decode([0xc6, 0x00, 0x00, 0x00, 0x02, 0x61]) }
        #expect(throws: CodecError.malformed) { try decode([0xc1]) }
        #expect(throws: CodecError.malformed) { try decode([0x81, 0x01, 0x01]) }
        #expect(throws: CodecError.malformed) { try decode([0xd5, 0x05, 0x00, 0x00]) }
        #expect(throws: CodecError.malformed) { try decode([0x01, 0x01]) }
        #expect(throws: CodecError.tooDeep) { try decode(Array(repeating: 0x91, count: 100_000) + [0xc0]) }
        #expect(throws: CodecError.tooLarge) {
            try decode([0xdc, 0x00, 0x41] + Array(repeatElement([0xc4, 0x00], count: 65).joined()))
        }
    }

    @Test(
        "strings must be UTF-8",
        arguments: [
            [0x80], [0xc0, 0x80], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc3], [0xff],
        ]
            as [[UInt8]]
    )
    func utf8(_ bytes: [UInt8]) {
        #expect(throws: CodecError.notUTF8) { try decode([0xa0 | UInt8(bytes.count)] + bytes) }
        #expect(String(validating: bytes, as: UTF8.self) == nil)
    }

    @Test("the deepest JSON that clients may send passes in both directions")
    func depth() throws {
        let json = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(try decode(hex: try encode(json)) == json)
        #expect(throws: JSONScanner.Malformed.self) { try encode("[" + json + "]") }
    }

    @Test("random bytes never crash the decoder, and what it accepts is JSON")
    func fuzz() throws {
        var generator = SeededGenerator(state: 42)
        for _ in 0..<5_000 {
            let bytes = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            guard let payload = try? decode(bytes) else { continue }
            try payload.json.withUnsafeReadableBytes { raw in
                var scanner = JSONScanner(raw)
                while try scanner.next() != nil {}
                #expect(scanner.offset == raw.count)
            }
        }
    }
}

/// A generator that gives the same numbers in each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
