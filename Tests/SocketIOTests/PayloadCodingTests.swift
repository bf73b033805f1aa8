import Foundation
import NIOCore
import Testing

@testable import EngineIO
@testable import SocketIO

@Suite struct PayloadCodingTests {
    private struct Letter: Codable, Hashable {
        var text: String
        var picture: Binary?
        var at: Date?
    }

    private func text(_ payload: Payload) -> String { String(buffer: payload.json) }

    @Test("values become an array behind the event's name")
    func encodes() throws {
        #expect(text(try PayloadCoding.array("a")) == #"["a"]"#)
        #expect(text(try PayloadCoding.array("a\"b", 1, "2/3", [true], Int?.none)) == #"["a\"b",1,"2/3",[true],null]"#)
        #expect(text(try PayloadCoding.array(nil)) == "[]")
        #expect(text(try PayloadCoding.array(nil, 1, 2)) == "[1,2]")
    }

    @Test("bytes become attachments, in their order, and come back")
    func binary() throws {
        let bytes = [ByteBuffer(bytes: [1, 2]), ByteBuffer(), ByteBuffer(bytes: [3])]
        let letters = [Letter(text: "a", picture: Binary(bytes[0])), Letter(text: "b", picture: Binary(bytes[1]))]
        let payload = try PayloadCoding.array("a", letters, Binary(bytes[2]))
        #expect(payload.attachments == bytes)
        let event = Event(try #require(EventText(payload.json)), attachments: payload.attachments, acknowledgement: nil)
        #expect(try event.decode([Letter].self) == letters)
        #expect(try event.decode(Binary.self, at: 1).bytes == bytes[2])
    }

    @Test("a placeholder without its attachment does not decode", arguments: ["1", "-1", "\"0\"", "null"])
    func missingAttachment(_ number: String) {
        let json = ByteBuffer(string: #"{"_placeholder":true,"num":\#(number)}"#)
        let payload = Payload(json: json, attachments: [ByteBuffer(bytes: [1])])
        #expect(throws: DecodingError.self) { try PayloadCoding.decode(Binary.self, from: payload) }
    }

    @Test("times are written as JavaScript writes them")
    func dates() throws {
        let date = Date(timeIntervalSince1970: 1_764_000_000.25)
        let payload = try PayloadCoding.value(Letter(text: "a", at: date))
        #expect(text(payload).contains(#""at":"2025-11-24T16:00:00.250Z""#))
        #expect(try PayloadCoding.decode(Letter.self, from: payload).at == date)
    }

    @Test("an argument that is missing or of another type does not decode")
    func wrongTypes() throws {
        let event = Event(
            try #require(EventText(ByteBuffer(string: #"["a","1"]"#))),
            attachments: [],
            acknowledgement: nil
        )
        #expect(throws: DecodingError.self) { try event.decode(Int.self) }
        #expect(throws: DecodingError.self) { try event.decode(String.self, at: 1) }
        #expect(try event.decode(String.self) == "1")
    }

    @Test("an event is passed on under another name, however odd the name")
    func renames() throws {
        let event = Event(
            try #require(EventText(ByteBuffer(string: #"["a", 1,"2"]"#))),
            attachments: [],
            acknowledgement: nil
        )
        #expect(text(event.renamed("b")) == #"["b", 1,"2"]"#)
        #expect(text(event.renamed("b\"\\\n")) == #"["b\"\\\n", 1,"2"]"#)
        let bare = Event(try #require(EventText(ByteBuffer(string: #"["a"]"#))), attachments: [], acknowledgement: nil)
        #expect(text(bare.renamed("b")) == #"["b"]"#)
        #expect(text(Payload(event: "a\"", argument: ByteBuffer(string: "1"))) == #"["a\"",1]"#)
    }

    @Test(
        "a packet is written as the protocol's examples show it",
        arguments: [
            (
                PacketEncoder.control(.connect, namespace: "/", json: ByteBuffer(string: #"{"sid":"x"}"#)),
                [#"40{"sid":"x"}"#]
            ),
            (PacketEncoder.control(.disconnect, namespace: "/admin"), ["41/admin,"]),
            (PacketEncoder.event(Payload(json: ByteBuffer(string: #"["a"]"#)), namespace: "/"), [#"42["a"]"#]),
            (
                PacketEncoder.event(Payload(json: ByteBuffer(string: #"["a"]"#)), namespace: "/b", id: 0),
                [#"42/b,0["a"]"#]
            ),
            (
                PacketEncoder.acknowledgement(Payload(json: ByteBuffer(string: "[]")), namespace: "/", id: 12),
                ["4312[]"]
            ),
            (
                PacketEncoder.event(
                    Payload(
                        json: ByteBuffer(string: "[1]"),
                        attachments: [ByteBuffer(string: "x"), ByteBuffer(string: "y")]
                    ),
                    namespace: "/b",
                    id: 3
                ), ["452-/b,3[1]", "x", "y"]
            ),
            (
                PacketEncoder.acknowledgement(
                    Payload(json: ByteBuffer(string: "[1]"), attachments: [ByteBuffer(string: "x")]),
                    namespace: "/",
                    id: 3
                ), ["461-3[1]", "x"]
            ),
        ]
    )
    func packets(_ packets: [OutboundPacket], _ wire: [String]) {
        #expect(packets.map { String(buffer: $0.content) } == wire)
    }

    @Test("a refusal tells its message and its data")
    func connectError() throws {
        #expect(String(buffer: ConnectError("no \"way\"").json) == #"{"message":"no \"way\""}"#)
        let error = try ConnectError("no", data: ["code": "x"])
        #expect(String(buffer: error.json) == #"{"message":"no","data":{"code":"x"}}"#)
    }
}
