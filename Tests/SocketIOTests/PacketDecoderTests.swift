import NIOCore
import Testing

@testable import SocketIO

@Suite struct PacketDecoderTests {
    private func decode(_ text: String) throws(PacketDecoder.Malformed) -> SocketPacket {
        try PacketDecoder.decode(ByteBuffer(string: text))
    }

    private static func packet(
        _ kind: SocketPacket.Kind,
        _ namespace: String = "/",
        id: Int? = nil,
        json: String? = nil,
        attachments: Int = 0
    ) -> SocketPacket {
        SocketPacket(
            kind: kind,
            namespace: namespace,
            id: id,
            json: json.map { ByteBuffer(string: $0) },
            attachmentCount: attachments
        )
    }

    private static let placeholder = #"{"_placeholder":true,"num":0}"#

    @Test(
        "what a stock client sends is read",
        arguments: [
            ("0", packet(.connect)),
            (#"0{"token":"x"}"#, packet(.connect, json: #"{"token":"x"}"#)),
            ("0/custom,", packet(.connect, "/custom")),
            ("0/custom", packet(.connect, "/custom")),
            (#"0/custom,{"a":1}"#, packet(.connect, "/custom", json: #"{"a":1}"#)),
            ("1", packet(.disconnect)),
            ("1/custom,", packet(.disconnect, "/custom")),
            (#"2["a"]"#, packet(.event, json: #"["a"]"#)),
            (#"212["a",1]"#, packet(.event, id: 12, json: #"["a",1]"#)),
            (#"20["a"]"#, packet(.event, id: 0, json: #"["a"]"#)),
            (#"2/custom,7["a"]"#, packet(.event, "/custom", id: 7, json: #"["a"]"#)),
            ("37[]", packet(.acknowledgement, id: 7, json: "[]")),
            (#"51-["a",\#(placeholder)]"#, packet(.binaryEvent, json: #"["a",\#(placeholder)]"#, attachments: 1)),
            (
                #"51-/custom,3["a",\#(placeholder)]"#,
                packet(.binaryEvent, "/custom", id: 3, json: #"["a",\#(placeholder)]"#, attachments: 1)
            ),
            ("61-3[\(placeholder)]", packet(.binaryAcknowledgement, id: 3, json: "[\(placeholder)]", attachments: 1)),
            (#"50-["a"]"#, packet(.binaryEvent, json: #"["a"]"#)),
            (#"2999999999999999["a"]"#, packet(.event, id: 999_999_999_999_999, json: #"["a"]"#)),
            (#"2["__proto__",{"__proto__":1}]"#, packet(.event, json: #"["__proto__",{"__proto__":1}]"#)),
            (#"2["error"]"#, packet(.event, json: #"["error"]"#)),
        ]
    )
    func reads(_ text: String, _ packet: SocketPacket) throws {
        #expect(try decode(text) == packet)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "7", "9[]", "a", "abc", " 2[\"a\"]",
            // Shapes
            "2", "2{}", "2[]", "2[1]", "2[null]", "2[[\"a\"]]", "2[{\"a\":1}]", "2\"a\"", "2true", "2[\"a\"",
            "2[\"a\"]]",
            "2[\"a\"],", "2[\"a\"] x", "2[\"a\",]", "2[\"a\",,1]", "2[\"a\" 1]", "0[]", "0\"x\"", "0null", "0{", "1[]",
            "1{}", "3[]", "31{}", "31", "31[", "4{\"message\":\"x\"}", "4", "4/custom,{}",
            // Ids
            "2abc[\"a\"]", "2-1[\"a\"]", "21e3[\"a\"]", "21.5[\"a\"]", "21000000000000000[\"a\"]",
            "2" + String(repeating: "9", count: 5_000) + "[\"a\"]",
            // Attachments
            "5[\"a\"]", "5-[\"a\"]", "51[\"a\"]", "5a-[\"a\"]", "5-1-[\"a\"]", "51.5-[\"a\"]", "511-[\"a\"]",
            "599999-[\"a\"]",
            "5\(Int.max)-[\"a\"]", "51-[\"a\"]", "6[1]", "61-[1]", "61-\(placeholder)",
            // Reserved for the programs on both ends
            "2[\"connect\"]", "2[\"connect_error\"]", "2[\"disconnect\"]", "2[\"disconnecting\"]", "2[\"newListener\"]",
            "2[\"removeListener\"]", "2[\"\\u0063onnect\"]",
            // Texts
            "2[\"\\ud800\"]", "2[\"a\\x\"]", "2[\"a\nb\"]", "2[\"" + String(repeating: "a", count: 257) + "\"]",
            "0/" + String(repeating: "a", count: 256) + ",", "2[\"a\",NaN]", "2[\"a\",Infinity]", "2[\"a\",01]",
            "2[\"a\",+1]",
        ]
    )
    func refuses(_ text: String) {
        #expect(throws: PacketDecoder.Malformed.self) { try decode(text) }
    }

    @Test("nesting is limited before it costs anything")
    func limitsDepth() throws {
        func event(levels: Int) -> String {
            "2[\"a\"," + String(repeating: "[", count: levels) + String(repeating: "]", count: levels) + "]"
        }
        _ = try decode(event(levels: 31))
        #expect(throws: PacketDecoder.Malformed.self) { try decode(event(levels: 32)) }
        #expect(throws: PacketDecoder.Malformed.self) { try decode("2" + String(repeating: "[", count: 500_000)) }
        #expect(throws: PacketDecoder.Malformed.self) {
            try decode("2" + String(repeating: "{\"a\":", count: 33) + "1" + String(repeating: "}", count: 33))
        }
    }

    @Test("ten attachments are the most")
    func limitsAttachments() throws {
        func event(_ count: Int) -> String {
            let placeholders = (0..<count).map { #"{"_placeholder":true,"num":\#($0)}"# }
            return "5\(count)-[\"a\"," + placeholders.joined(separator: ",") + "]"
        }
        #expect(try decode(event(10)).attachmentCount == 10)
        #expect(throws: PacketDecoder.Malformed.self) { try decode(event(11)) }
    }

    @Test(
        "each attachment has to be named exactly once, in any depth and order",
        arguments: [
            #"52-["a",{"_placeholder":true,"num":1},{"x":[{"num":0,"_placeholder":true}]}]"#,
            #"51-["a",{"_placeholder":true,"num":0,"more":1}]"#,
            #"51-["a",{"_placeholder":false,"num":7},{"_placeholder":true,"num":0}]"#,
            #"51-["a",{"num":7},{"_placeholder":true,"num":0}]"#,
        ]
    )
    func takesPlaceholders(_ text: String) throws {
        _ = try decode(text)
    }

    @Test(
        "placeholders that would break whoever puts the attachments in are refused",
        arguments: [
            #"{"_placeholder":true,"num":1}"#, #"{"_placeholder":true,"num":-1}"#, #"{"_placeholder":true,"num":0.5}"#,
            #"{"_placeholder":true,"num":1e0}"#, #"{"_placeholder":true,"num":"0"}"#,
            #"{"_placeholder":true,"num":"splice"}"#,
            #"{"_placeholder":true,"num":null}"#, #"{"_placeholder":true}"#, #"{"_placeholder":true,"num":{}}"#,
            #"{"_placeholder":true,"num":99999999999999999999}"#, #"{"_placeholder":true,"num":[0]}"#,
            // The last of two members with one name counts.
            #"{"_placeholder":true,"num":0,"num":99}"#, #"{"_placeholder":true,"num":0,"num":"x"}"#,
            #"{"_placeholder":true,"num":0,"num":{"a":1}}"#, #"{"_placeholder":true,"num":0,"num":null}"#,
            // The same name, written otherwise.
            #"{"_placeholder":true,"num":0},{"_placeh\u006flder":true,"num":99}"#,
            #"{"_placeholder":true,"num":0,"n\u0075m":99}"#,
            // Twice.
            #"{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}"#,
        ]
    )
    func refusesPlaceholders(_ argument: String) {
        #expect(throws: PacketDecoder.Malformed.self) { try decode("51-[\"a\",\(argument)]") }
    }
}
