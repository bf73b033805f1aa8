import NIOCore
import Redis
import SocketIO
import Synchronization
import TestSupport
import Testing

@testable import SocketIORedis

@Suite("Redis adapter: the sharded form")
struct ShardedAdapterTests {
    @Test("a broadcast to all reaches every server once")
    func toAll() async throws {
        let locals = [RecordingAdapter(), RecordingAdapter(), RecordingAdapter()]
        try await TestFleet.with(locals, form: .sharded(.dynamic)) { fleet in
            let uid = fleet.servers[0].adapter.uid
            fleet.servers[0].adapter.broadcast(.json(#"["hi",1,"é",{"a":null}]"#), options: BroadcastOptions())
            let line = #"broadcast ["hi",1,"é",{"a":null}] to [] except []"#
            #expect(locals[0].log == [line], "without waiting")
            try await eventually("the others have it") { locals.allSatisfy { $0.log.contains(line) } }
            try await fleet.settle()
            for local in locals { #expect(local.log.filter { $0 == line }.count == 1) }
            #expect(
                fleet.ear.lines.first
                    == #"[#/#] {"type":3,"data":{"packet":{"type":2,"data":["hi",1,"é",{"a":null}]},"#
                    + #""opts":{"rooms":[],"except":[],"flags":{}}},"uid":"\#(uid)","nsp":"/"}"#
            )
        }
    }

    @Test("binary travels as MessagePack and arrives as it was sent, with rooms and flags")
    func binary() async throws {
        let locals = [RecordingAdapter(), RecordingAdapter()]
        try await TestFleet.with(locals, form: .sharded(.dynamic)) { fleet in
            let options = BroadcastOptions(
                rooms: ["r1", "5"],
                except: ["r3"],
                flags: .init(volatile: true, compress: false)
            )
            let event = Payload.json(#"["bin",[{"_placeholder":true,"num":0}]]"#, [[2, 3]])
            fleet.servers[0].adapter.broadcast(event, options: options)
            let line = "broadcast \(event.text) to [\"r1\", \"5\"] except [\"r3\"] volatile compress=false"
            try await eventually("it came") { locals[1].log == [line] }
            try await eventually("it is MessagePack") { fleet.ear.lines.first?.hasPrefix("[#/#] 84a4") == true }
        }
    }

    @Test("a room's channel is listened to while the room is occupied, and only there")
    func dynamicRooms() async throws {
        let locals = [RecordingAdapter(), RecordingAdapter(occupied: ["r1"])]
        try await TestFleet.with(locals, form: .sharded(.dynamic)) { fleet in
            let channel = "\(fleet.key)#/#r1#"
            try await eventually("one listens") { try await listeners(fleet, channel) == 1 }
            let options = BroadcastOptions(rooms: ["r1"])
            fleet.servers[0].adapter.broadcast(.json(#"["hi"]"#), options: options)
            try await eventually("it came") { locals[1].log == [#"broadcast ["hi"] to ["r1"] except []"#] }
            locals[0].occupy("r1", true)
            try await eventually("two listen") { try await listeners(fleet, channel) == 2 }
            locals[0].occupy("r1", false)
            locals[1].occupy("r1", false)
            try await eventually("nobody listens") { try await listeners(fleet, channel) == 0 }
            try await fleet.settle()
            #expect(!fleet.ear.lines.contains { $0.contains(#""hi""#) }, "not on the channel of all")
        }
    }

    @Test(
        "which rooms have a channel depends on the mode and on the length of their names",
        arguments: [
            (RedisAdapterOptions.ShardedMode.dynamic, "r1", "#/#r1#"), (.dynamic, "01234567890123456789", "#/#"),
            // JavaScript counts units of UTF-16.
            (.dynamic, "0123456789012345678😀", "#/#0123456789012345678😀#"), (.dynamic, "012345678901234567😀", "#/#"),
            (.dynamicPrivate, "01234567890123456789", "#/#01234567890123456789#"), (.static, "r1", "#/#"),
        ] as [(RedisAdapterOptions.ShardedMode, Room, String)]
    )
    func modes(_ mode: RedisAdapterOptions.ShardedMode, _ room: Room, _ channel: String) async throws {
        let locals = [RecordingAdapter(), RecordingAdapter(occupied: [room])]
        try await TestFleet.with(locals, form: .sharded(mode)) { fleet in
            let subscribers = channel == "#/#" ? 3 : 1
            try await eventually("the right ones listen") {
                try await listeners(fleet, fleet.key + channel) == subscribers
            }
            fleet.servers[0].adapter.broadcast(.json(#"["hi"]"#), options: BroadcastOptions(rooms: [room]))
            try await eventually("it came") { locals[1].log.count == 1 }
            try await fleet.settle()
            #expect(fleet.ear.lines.contains { $0.contains(#""hi""#) } == (channel == "#/#"))
        }
    }

    @Test("join, leave and disconnect are done by every server once, here without waiting")
    func commands() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter()], form: .sharded(.dynamic)) { fleet in
            let adapter = fleet.servers[0].adapter
            adapter.addSockets(BroadcastOptions(rooms: ["r1"], except: ["r2"]), to: ["r5", "r6"])
            adapter.removeSockets(BroadcastOptions(rooms: ["r1"]), from: ["r5"])
            adapter.disconnectSockets(BroadcastOptions(rooms: ["nobody"]), closeTransport: true)
            let lines = [
                #"join ["r5", "r6"] to ["r1"] except ["r2"]"#, #"leave ["r5"] to ["r1"] except []"#,
                #"disconnect true to ["nobody"] except []"#,
            ]
            #expect(fleet.servers[0].local.log == lines)
            try await eventually("the other did it") { fleet.servers[1].local.log == lines }
            try await fleet.settle()
            #expect(fleet.servers[0].local.log.count == 4, "the own requests came back and were ignored")
        }
    }

    @Test("queries are answered by all servers, on the asking server's channel alone")
    func queries() async throws {
        let locals = [
            RecordingAdapter(occupied: ["a"], sockets: [.named("a")]),
            RecordingAdapter(occupied: ["b", "r1"], sockets: [.named("b", rooms: ["r1"], data: #"{"name":"é"}"#)]),
        ]
        try await TestFleet.with(locals, form: .sharded(.dynamic), timeout: .seconds(2)) { fleet in
            let adapter = fleet.servers[0].adapter
            // The ear listens too and never answers.
            let count = await adapter.serverCount()
            #expect(count == 3)
            async let answer = adapter.fetchSockets(BroadcastOptions(rooms: ["r1"], except: ["r2"]))
            async let rooms = adapter.allRooms()
            try await eventually("both were answered") {
                fleet.ear.lines.filter { $0.hasPrefix(#"[#/#\#(adapter.uid)#] {"type":8,"#) }.count == 2
            }
            #expect(locals[1].log.contains(#"fetch to ["r1"] except ["r2"]"#))
            let sockets = await answer
            #expect(sockets.missingServers == 1)
            #expect(sockets.value.map(\.id) == ["a", "b"])
            #expect(sockets.value.last.map { String(buffer: $0.data) } == #"{"name":"é"}"#)
            let (known, missing) = await (rooms.value, rooms.missingServers)
            #expect(known == ["a", "b", "r1"])
            #expect(missing == 1)
        }
    }

    @Test("acknowledgements and answers to server-side events come, binary among them")
    func answers() async throws {
        let locals = [
            RecordingAdapter(acknowledgements: [.json(#""a""#)]),
            RecordingAdapter(
                acknowledgements: [.json("null"), .json(#"{"_placeholder":true,"num":0}"#, [[9]])],
                serverSideReply: .json(#"{"c":{"_placeholder":true,"num":0}}"#, [[8]])
            ),
        ]
        try await TestFleet.with(locals, form: .sharded(.dynamic)) { fleet in
            let heard = Mutex<Set<String>>([])
            let adapter = fleet.servers[0].adapter
            adapter.broadcast(
                .json(#"["q",1]"#),
                options: BroadcastOptions(rooms: ["r1"], flags: .init(timeout: .seconds(60)))
            ) { count in
                _ = heard.withLock { $0.insert("count \(count)") }
            } acknowledgement: { answer in
                _ = heard.withLock { $0.insert(answer.text) }
            }
            let answer = await adapter.serverSideEmitWithAck(.json(#"["sse",{"_placeholder":true,"num":0}]"#, [[1]]))
            #expect(answer.value.map(\.text) == [#"{"c":{"_placeholder":true,"num":0}} 08"#])
            #expect(answer.missingServers == 1, "the test's own ear, which is counted as a server and silent")
            let expected: Set = ["count 1", "count 2", #""a""#, "null", #"{"_placeholder":true,"num":0} 09"#]
            try await eventually("all came") { heard.withLock { $0 } == expected }
            #expect(
                locals[1].log == [
                    #"ask ["q",1] to ["r1"] except [] timeout=60.0 seconds"#,
                    #"server-side ["sse",{"_placeholder":true,"num":0}] 01 with reply"#,
                ]
            )
        }
    }

    @Test("an acknowledgement and an answer without a value are an answer")
    func undefinedAnswers() async throws {
        try await TestFleet.with([RecordingAdapter()], form: .sharded(.static)) { fleet in
            let heard = Mutex<[String]>([])
            let adapter = fleet.servers[0].adapter
            async let answers = adapter.serverSideEmitWithAck(.json(#"["sse"]"#)).value.map(\.text)
            try await eventually("it was sent") { fleet.ear.lines.count == 1 }
            adapter.broadcast(.json(#"["q"]"#), options: BroadcastOptions(), clientCount: { _ in }) { answer in
                heard.withLock { $0.append(answer.text) }
            }
            try await eventually("both were asked") { fleet.ear.lines.count == 2 }
            for (line, type) in zip(fleet.ear.lines, [10, 12]) {
                let id = try #require(line.firstMatch(of: /"requestId":"(\w{16})"/)).1
                let answer = #"{"type":\#(type),"data":{"requestId":"\#(id)"},"uid":"x","nsp":"/"}"#
                try await fleet.publish(answer, to: "#/#\(adapter.uid)#")
            }
            try await eventually("the acknowledgement came") { heard.withLock { $0 } == ["null"] }
            #expect(await answers == ["null"])
        }
    }

    @Test("programs that emit in the classic form are heard, servers that speak it are not")
    func emitter() async throws {
        let local = RecordingAdapter(occupied: ["r1"])
        try await TestFleet.with([local], form: .sharded(.dynamic)) { fleet in
            let server = try BroadcastMessage.encode(.json(#"["no"]"#), options: .init(), uid: "BkKbD1", namespace: "/")
            try await fleet.redis.command("PUBLISH", "\(fleet.key)#/#", server)
            let request = #"{"uid":"BkKbD1","type":4,"opts":{"rooms":[],"except":[]},"close":true}"#
            try await fleet.redis.command("PUBLISH", "\(fleet.key)-request#/#", request)
            let emitter = RedisEmitter(redis: fleet.redis, key: fleet.key)
            try await emitter.emit(.json(#"["yes"]"#), options: BroadcastOptions(rooms: ["r1"]))
            try await emitter.socketsJoin(["r2"], options: BroadcastOptions(rooms: ["r1"]))
            let lines = [#"broadcast ["yes"] to ["r1"] except []"#, #"join ["r2"] to ["r1"] except []"#]
            try await eventually("both came") { local.log == lines }
        }
    }

    @Test("hostile messages are counted and dropped, and the next good one arrives", arguments: hostileMessages)
    func hostile(_ message: ByteBuffer) async throws {
        let local = RecordingAdapter()
        try await TestFleet.with([local], form: .sharded(.dynamic)) { fleet in
            try await fleet.publish(message, to: "#/#")
            try await fleet.settle()
            #expect(fleet.servers[0].adapter.statistics.malformed == 1)
            #expect(local.log.count == 1, "\(local.log)")
        }
    }

    @Test("in a cluster a room is heard across the nodes, and the gap is told when only its node was away")
    func cluster() async throws {
        try await TestCluster.with { cluster in
            try await TestCluster.withClient(cluster.nodes[0]) { redis in
                try await TestCluster.withClient(cluster.nodes[2]) { otherRedis in
                    // What concerns all servers at the first node, the room's channel at the second.
                    let key = try await cluster.name(at: 0) { "\($0)#/#" }
                    let room = Room(try await cluster.name(at: 1) { "\(key)#/#\($0)#" })
                    let options = RedisAdapterOptions(form: .sharded(.dynamic), key: key)
                    let local = RecordingAdapter(occupied: [room], sockets: [.named("a", rooms: [room])])
                    let (other, gaps) = (RecordingAdapter(), RecordingAdapter())
                    let adapter = RedisAdapter(
                        namespace: "/",
                        local: local,
                        receiver: local,
                        redis: redis,
                        options: options
                    ) { gaps.addSockets(BroadcastOptions(), to: ["gap"]) }
                    let sender = RedisAdapter(
                        namespace: "/",
                        local: other,
                        receiver: other,
                        redis: otherRedis,
                        options: options
                    )
                    try await adapter.waitUntilActive()
                    try await sender.waitUntilActive()
                    let rooms = await sender.allRooms().value
                    #expect(rooms == [room, "a"])

                    let toRoom = BroadcastOptions(rooms: [room])
                    sender.broadcast(.json(#"["hi"]"#), options: toRoom)
                    try await eventually("it came") { local.log.contains { $0.hasPrefix(#"broadcast ["hi"]"#) } }

                    #expect(gaps.log.isEmpty)
                    cluster.servers[1].kill()
                    try await cluster.servers[1].start()
                    try await eventually("the gap is told") { !gaps.log.isEmpty }
                    try await eventually("the room is heard again") {
                        sender.broadcast(.json(#"["again"]"#), options: toRoom)
                        return local.log.contains { $0.hasPrefix(#"broadcast ["again"]"#) }
                    }
                    await adapter.close()
                    await sender.close()
                }
            }
        }
    }

    private static let hostileMessages: [ByteBuffer] = {
        func message(_ type: String, _ data: String) -> String {
            #"{"type":\#(type),"data":\#(data),"uid":"x","nsp":"/"}"#
        }
        let opts = #""opts":{"rooms":[],"except":[]}"#
        let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        let texts = [
            "", "{", "{}", "[]", message("99", "{}"), message(#""3""#, "{}"), message("3", "[]"), message("3", "{}"),
            message("3", #"{"packet":{"type":2,"data":["a"]}}"#),
            message("3", #"{"packet":{"type":3,"data":["a"]},\#(opts)}"#),
            message("3", #"{"packet":{"type":2,"data":{}},\#(opts)}"#),
            message("3", #"{"packet":{"type":2,"data":[{}]},\#(opts)}"#),
            message("3", #"{"packet":{"type":2,"data":["a",\#(deep)]},\#(opts)}"#),
            message("3", #"{"packet":{"type":2,"data":["a"]},"opts":{"rooms":"all"}}"#),
            message("3", #"{"packet":{"type":2,"data":["a"]},\#(opts)}"#) + "x", message("4", #"{"rooms":["a"]}"#),
            message("4", #"{\#(opts)}"#), message("6", #"{"close":true}"#), message("6", #"{\#(opts),"close":1}"#),
            message("7", #"{\#(opts)}"#), message("9", #"{"packet":{}}"#), message("9", #"{"packet":[1]}"#),
            message("8", #"{"requestId":"a"}"#), message("11", #"{"requestId":"a","clientCount":"1"}"#),
            message("4", #"{"opts":{"rooms":["\#(String(repeating: "x", count: 2_000))"]},"rooms":["a"]}"#),
            #"{"type":4,"data":{\#(opts),"rooms":["a"]},"nsp":"/"}"#,
        ]
        let binary: [[UInt8]] = [
            [0xc1], [0x84], [0xdf, 0xff, 0xff, 0xff, 0xff], [0x81, 0xa4] + Array("type".utf8) + [0xcb],
            Array(repeating: 0x91, count: 100_000), Array(message("4", #"{\#(opts),"rooms":["a"#).utf8) + [0xff],
        ]
        return texts.map { ByteBuffer(string: $0) } + binary.map { ByteBuffer(bytes: $0) }
    }()

    private func listeners(_ fleet: TestFleet, _ channel: String) async throws -> Int? {
        try await fleet.redis.command("PUBSUB", "SHARDNUMSUB", channel).array?.last?.integer
    }
}
