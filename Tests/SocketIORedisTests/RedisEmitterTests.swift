import NIOCore
import SocketIO
import TestSupport
import Testing

@testable import SocketIORedis

@Suite("Redis emitter")
struct RedisEmitterTests {
    @Test("what the emitter sends has the bytes of Node's, and all servers act on it")
    func sends() async throws {
        let locals = [RecordingAdapter(occupied: ["r1"]), RecordingAdapter()]
        try await TestFleet.with(locals) { fleet in
            let emitter = RedisEmitter(redis: fleet.redis, key: fleet.key)
            // Both servers and the test's ear.
            let count = try await emitter.emit(.json(#"["hi",1]"#))
            #expect(count == 3)
            try await emitter.emit(
                .json(#"["hi",{"_placeholder":true,"num":0}]"#, [[1, 2]]),
                options: BroadcastOptions(rooms: ["r1"])
            )
            try await emitter.of("chat").emit(
                .json(#"["hi"]"#),
                options: BroadcastOptions(rooms: ["a", "b"], except: ["c"], flags: .init(volatile: true))
            )
            try await emitter.socketsJoin(["r2"], options: BroadcastOptions(rooms: ["r1"]))
            try await emitter.socketsLeave(["r2"], options: BroadcastOptions(rooms: ["r1"]))
            try await emitter.disconnectSockets(close: true, options: BroadcastOptions(rooms: ["nobody"]))
            try await emitter.serverSideEmit(.json(#"["sse",1]"#))

            let captured = Capture.classic.filter { $0.file == "classic.txt" && $0.title.hasPrefix("emitter") }
            #expect(captured.count == 7)
            let expected = captured.map { capture in
                let channel = capture.channel.replacing("socket.io", with: "")
                switch capture.message {
                case .json(let text): return "[\(channel)] \(text)"
                case .messagePack(let bytes, _): return "[\(channel)] \(hex(bytes))"
                }
            }
            try await eventually("all is heard") { fleet.ear.lines == expected }
            let requests = [
                #"join ["r2"] to ["r1"] except []"#, #"leave ["r2"] to ["r1"] except []"#,
                #"disconnect true to ["nobody"] except []"#, #"server-side ["sse",1]"#,
            ]
            let hi = #"broadcast ["hi",1] to [] except []"#
            let binary = #"broadcast ["hi",{"_placeholder":true,"num":0}] 0102 to ["r1"] except []"#
            try await eventually("the first did it all") { locals[0].log == [hi, binary] + requests }
            try await eventually("the second has no such room") { locals[1].log == [hi] + requests }
        }
    }

    @Test("names that clients take for their own are not sent")
    func reserved() async throws {
        try await TestFleet.with([]) { fleet in
            let emitter = RedisEmitter(redis: fleet.redis, key: fleet.key)
            await #expect(throws: RedisEmitter.InvalidEvent.reserved("connect_error")) {
                try await emitter.emit(.json(#"["connect_err\u006fr"]"#))
            }
            for text in ["[]", "{}", "[1]", "", #"["a""#, #"["a"] x"#] {
                await #expect(throws: RedisEmitter.InvalidEvent.malformed) { try await emitter.emit(.json(text)) }
            }
            #expect(fleet.ear.lines.isEmpty)
        }
    }
}
