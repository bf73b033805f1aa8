import NIOCore
import Testing

@testable import SocketIO

@Suite struct EventTextTests {
    private func read(_ json: String) -> EventText? { EventText(ByteBuffer(string: json)) }

    @Test(
        "an event is cut into its name and its arguments, which stay as they came",
        arguments: [
            (#"["a"]"#, "a", "[]"), (#"["a",1]"#, "a", "[1]"), (#"["a" , 1 , "2" ]"#, "a", #"[ 1 , "2" ]"#),
            (#"[ "a",{"b":1,"a":[]}]"#, "a", #"[{"b":1,"a":[]}]"#), (#"["a\u0062\n",1]"#, "ab\n", "[1]"),
            (#"["a]",["]"]]"#, "a]", #"[["]"]]"#), (#"["",1]"#, "", "[1]"), (#"["ä€",1.50]"#, "ä€", "[1.50]"),
        ]
    )
    func cuts(_ json: String, _ name: String, _ arguments: String) throws {
        let event = try #require(read(json))
        #expect(event.name == name)
        #expect(String(buffer: event.argumentsArray) == arguments)
        #expect(String(buffer: event.json) == json)
    }

    @Test("arguments are found by their place")
    func arguments() throws {
        let event = try #require(read(#"["a",1, {"b":[2]} ,"c"]"#))
        #expect(
            (0..<5).map { event.argument($0).map { String(buffer: $0) } } == ["1", #"{"b":[2]}"#, #""c""#, nil, nil]
        )
    }

    @Test(
        "an array without a name is no event",
        arguments: ["[]", "[1]", "{}", "[[\"a\"]]", "[null]", "", "[\"\\ud800\"]"]
    )
    func refuses(_ json: String) { #expect(read(json) == nil) }
}
