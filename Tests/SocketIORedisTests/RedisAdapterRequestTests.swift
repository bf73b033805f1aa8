import NIOCore
import NIOPosix
import Redis
import SocketIO
import Synchronization
import TestSupport
import Testing

@testable import SocketIORedis

@Suite("Redis adapter: requests")
struct RedisAdapterRequestTests {
    @Test("join, leave and disconnect are done by every server once, here without waiting")
    func commands() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter()]) { fleet in
            let (adapter, uid) = (fleet.servers[0].adapter, fleet.servers[0].adapter.uid)
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
            #expect(
                fleet.ear.lines.prefix(3) == [
                    #"[-request#/#] {"uid":"\#(uid)","type":2,"opts":{"rooms":["r1"],"except":["r2"]},"rooms":["r5","r6"]}"#,
                    #"[-request#/#] {"uid":"\#(uid)","type":3,"opts":{"rooms":["r1"],"except":[]},"rooms":["r5"]}"#,
                    #"[-request#/#] {"uid":"\#(uid)","type":4,"opts":{"rooms":["nobody"],"except":[]},"close":true}"#,
                ]
            )
        }
    }

    @Test("fetchSockets joins the sockets of all servers", arguments: [false, true])
    func fetchSockets(specificChannel: Bool) async throws {
        let locals = [
            RecordingAdapter(sockets: [.named("a")]),
            RecordingAdapter(sockets: [.named("b", rooms: ["r\"1"], data: #"{"name":"é"}"#), .named("c")]),
            RecordingAdapter(),
        ]
        try await TestFleet.with(locals, specificChannel: specificChannel) { fleet in
            let adapter = fleet.servers[0].adapter
            let answer = await adapter.fetchSockets(BroadcastOptions(rooms: ["r1"], except: ["r2"]))
            #expect(answer.missingServers == 0)
            #expect(answer.value.map(\.id).sorted() == ["a", "b", "c"])
            let remote = try #require(answer.value.first { $0.id == "b" })
            #expect(remote.rooms == ["b", "r\"1"])
            #expect(String(buffer: remote.data) == #"{"name":"é"}"#)
            #expect(String(buffer: remote.handshake) == #"{"headers":{},"address":"::1"}"#)
            #expect(locals[2].log == [#"fetch to ["r1"] except ["r2"]"#])
            let channel = specificChannel ? "[-response#/#\(adapter.uid)#] " : "[-response#/#] "
            try await eventually("the answers are heard") {
                fleet.ear.lines.filter { $0.hasPrefix(channel) }.count == 2
            }
            let count = await adapter.serverCount()
            #expect(count == 3)
        }
    }

    @Test("allRooms joins the rooms of all servers")
    func allRooms() async throws {
        try await TestFleet.with([RecordingAdapter(occupied: ["a"]), RecordingAdapter(occupied: ["a", "b"])]) { fleet in
            let answer = await fleet.servers[0].adapter.allRooms()
            #expect(answer.value == ["a", "b"])
            #expect(answer.missingServers == 0)
        }
    }

    @Test("a server that does not answer is counted as missing after the timeout, what came is given")
    func partial() async throws {
        let locals = [RecordingAdapter(occupied: ["a"]), RecordingAdapter(occupied: ["b"])]
        try await TestFleet.with(locals, timeout: .seconds(2)) { fleet in
            let deaf = fleet.redis.subscribe(.channel, "\(fleet.key)-request#/#") { _ in }
            try await deaf.waitUntilActive()
            let answer = await fleet.servers[0].adapter.allRooms()
            #expect(answer.value == ["a", "b"])
            #expect(answer.missingServers == 1)
        }
    }

    @Test("without Redis a query gives what is here and says that something is missing")
    func redisAway() async throws {
        let limits = RedisLimits(commandTimeout: .seconds(1))
        try await PrivateRedis.with { server in
            try await RedisClient.withClient(
                configuration: server.configuration,
                eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
                limits: limits
            ) { redis in
                let local = RecordingAdapter(occupied: ["a"])
                let adapter = RedisAdapter(namespace: "/", local: local, receiver: local, redis: redis)
                try await adapter.waitUntilActive()
                let alone = await adapter.allRooms()
                #expect(alone.missingServers == 0)
                server.kill()
                let answer = await adapter.allRooms()
                #expect(answer.value == ["a"])
                #expect(answer.missingServers == 1)
                let answers = await adapter.serverSideEmitWithAck(.json(#"["sse"]"#))
                #expect(answers.value.isEmpty)
                #expect(answers.missingServers == 1)
                await adapter.close()
            }
        }
    }

    @Test("close ends a query that waits, with what has come")
    func closeWhileWaiting() async throws {
        try await TestFleet.with([RecordingAdapter(occupied: ["a"])], timeout: .seconds(600)) { fleet in
            let deaf = fleet.redis.subscribe(.channel, "\(fleet.key)-request#/#") { _ in }
            try await deaf.waitUntilActive()
            let adapter = fleet.servers[0].adapter
            async let answer = adapter.allRooms()
            try await eventually("it asked") { fleet.ear.lines.contains { $0.contains(#""type":1"#) } }
            await adapter.close()
            #expect(await answer.missingServers == 1)
        }
    }

    @Test("a server-side event reaches the others and not oneself")
    func serverSideEmit() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter()]) { fleet in
            let uid = fleet.servers[0].adapter.uid
            let event = Payload.json(#"["sse",{"_placeholder":true,"num":0}]"#, [[1, 2]])
            fleet.servers[0].adapter.serverSideEmit(event)
            let line = #"server-side ["sse",{"type":"Buffer","data":[1,2]}]"#
            try await eventually("it came") { fleet.servers[1].local.log == [line] }
            try await fleet.settle()
            #expect(fleet.servers[0].local.log.count == 1)
            #expect(
                fleet.ear.lines.first
                    == #"[-request#/#] {"uid":"\#(uid)","type":6,"data":["sse",{"type":"Buffer","data":[1,2]}]}"#
            )
        }
    }

    @Test(
        "the answers of all servers to a server-side event are gathered, on the shared channel",
        arguments: [false, true]
    )
    func serverSideAnswers(specificChannel: Bool) async throws {
        let locals = [
            RecordingAdapter(), RecordingAdapter(serverSideReply: .json(#""b""#)),
            RecordingAdapter(serverSideReply: .json(#"{"c":[1]}"#)),
        ]
        try await TestFleet.with(locals, specificChannel: specificChannel) { fleet in
            let answer = await fleet.servers[0].adapter.serverSideEmitWithAck(.json(#"["sse",1]"#))
            #expect(Set(answer.value.map(\.text)) == [#""b""#, #"{"c":[1]}"#])
            #expect(answer.missingServers == 0)
            try await eventually("both are heard") {
                fleet.ear.lines.filter { $0.hasPrefix(#"[-response#/#] {"type":6,"requestId":""#) }.count == 2
            }
        }
    }

    @Test("a server that does not answer a server-side event is counted as missing, what came is given")
    func serverSidePartial() async throws {
        let locals = [RecordingAdapter(), RecordingAdapter(serverSideReply: .json("1")), RecordingAdapter()]
        try await TestFleet.with(locals, timeout: .seconds(2)) { fleet in
            let answer = await fleet.servers[0].adapter.serverSideEmitWithAck(.json(#"["sse"]"#))
            #expect(answer.value.map(\.text) == ["1"])
            #expect(answer.missingServers == 1)
        }
    }

    @Test("a server-side event to nobody is answered by nobody, at once")
    func serverSideAlone() async throws {
        try await TestFleet.with([RecordingAdapter()], timeout: .seconds(600)) { fleet in
            let answer = await fleet.servers[0].adapter.serverSideEmitWithAck(.json(#"["sse"]"#))
            #expect(answer.value.isEmpty)
            #expect(answer.missingServers == 0)
        }
    }

    @Test("a broadcast with acknowledgements gathers counts and answers of all servers", arguments: [false, true])
    func acknowledgements(specificChannel: Bool) async throws {
        let locals = [
            RecordingAdapter(acknowledgements: [.json(#""a""#)]),
            RecordingAdapter(acknowledgements: [.json("null"), .json(#"{"_placeholder":true,"num":0}"#, [[9]])]),
        ]
        try await TestFleet.with(locals, specificChannel: specificChannel) { fleet in
            let counts = Mutex<[Int]>([])
            let answers = Mutex<Set<String>>([])
            let options = BroadcastOptions(rooms: ["r1"], flags: .init(timeout: .milliseconds(2_500)))
            let event = Payload.json(#"["q",{"_placeholder":true,"num":0}]"#, [[7]])
            fleet.servers[0].adapter.broadcast(event, options: options) { count in
                counts.withLock { $0.append(count) }
            } acknowledgement: { answer in
                _ = answers.withLock { $0.insert(answer.text) }
            }
            try await eventually("all answered") { answers.withLock { $0.count } == 3 }
            #expect(answers.withLock { $0 } == [#""a""#, "null", #"{"_placeholder":true,"num":0} 09"#])
            #expect(counts.withLock { $0.sorted() } == [1, 2])
            #expect(locals[1].log == [#"ask \#(event.text) to ["r1"] except [] timeout=2.5 seconds"#])
            try await eventually("the request is heard") {
                fleet.ear.lines.first?.hasPrefix("[-request#/#] 85a3756964a6") == true
            }
        }
    }

    @Test("requests in the forms of old peers are done and confirmed")
    func legacy() async throws {
        let local = RecordingAdapter(occupied: ["sid1"], sockets: [.named("sid1"), .named("sid2")])
        try await TestFleet.with([local]) { fleet in
            let requests = [
                #"{"requestId":"1","type":0,"rooms":["r"]}"#, #"{"requestId":"2","type":2,"sid":"sid1","room":"x"}"#,
                #"{"requestId":"3","type":3,"sid":"sid1","room":"x"}"#,
                #"{"requestId":"4","type":4,"sid":"sid1","close":true}"#,
                #"{"requestId":"5","type":2,"sid":"elsewhere","room":"x"}"#,
            ]
            for request in requests { try await fleet.publish(request, to: "-request#/#") }
            try await eventually("it answered") {
                Set(fleet.ear.lines).isSuperset(of: [
                    #"[-response#/#] {"requestId":"1","sockets":["sid1","sid2"]}"#,
                    #"[-response#/#] {"requestId":"2"}"#,
                    #"[-response#/#] {"requestId":"3"}"#, #"[-response#/#] {"requestId":"4"}"#,
                ])
            }
            #expect(!fleet.ear.lines.contains(#"[-response#/#] {"requestId":"5"}"#))
            try await fleet.settle()
            let lines = [
                #"join ["x"] to ["sid1"] except []"#, #"leave ["x"] to ["sid1"] except []"#,
                #"disconnect true to ["sid1"] except []"#,
            ]
            #expect(local.log.filter { lines.contains($0) } == lines)
        }
    }

    @Test("hostile requests and responses are counted and dropped; nobody is disconnected by an incomplete one")
    func hostile() async throws {
        let local = RecordingAdapter()
        try await TestFleet.with([local]) { fleet in
            let requests = [
                "{", "{}", #"{"type":99}"#, #"{"type":1e400}"#, #"{"type":4}"#, #"{"type":4,"close":true}"#,
                #"{"type":4,"opts":{"rooms":"x"},"close":true}"#, #"{"type":4,"opts":[],"close":true}"#,
                #"{"type":2,"opts":{"rooms":[true]},"rooms":["x"]}"#, #"{"type":2,"opts":{"rooms":[]}}"#,
                #"{"type":6}"#, #"{"type":6,"data":{}}"#, #"{"type":6,"data":[{}]}"#, #"{"type":5,"opts":{}}"#,
                #"{"type":6,"data":["x"]} trailing"#, #"{"type":7,"requestId":"1"}"#, #"{"type":8,"requestId":"1"}"#,
                "{\"type\":6,\"data\":[\"\u{1}\"]}", String(repeating: "{\"a\":", count: 100_000),
                #"{"type":2,"opts":{"rooms":[]},"rooms":["\#(String(repeating: "x", count: 2_000))"]}"#, "\u{81}", "",
            ]
            for request in requests { try await fleet.publish(request, to: "-request#/#") }
            let invalid = ByteBuffer(bytes: Array(#"{"type":6,"data":["x",""#.utf8) + [0xff] + Array(#""]}"#.utf8))
            try await fleet.publish(invalid, to: "-request#/#")
            let responses = ["{", "{}", #"{"requestId":1}"#, "\u{81}", ""]
            for response in responses { try await fleet.publish(response, to: "-response#/#") }
            try await fleet.settle()
            try await eventually("all were counted") {
                fleet.servers[0].adapter.statistics.malformed == requests.count + 1 + responses.count
            }
            #expect(local.log.count == 1, "\(local.log)")
        }
    }

    @Test("hostile answers to a query that waits are dropped, the good one is taken")
    func hostileAnswers() async throws {
        let locals = [RecordingAdapter(occupied: ["a"])]
        try await TestFleet.with(locals, timeout: .seconds(600)) { fleet in
            let node = fleet.redis.subscribe(.channel, "\(fleet.key)-request#/#") { _ in }
            try await node.waitUntilActive()
            async let answer = fleet.servers[0].adapter.allRooms()
            try await eventually("it asked") { fleet.ear.lines.contains { $0.contains(#""type":1"#) } }
            let request = try #require(fleet.ear.lines.first { $0.contains(#""type":1"#) })
            let id = try #require(request.firstMatch(of: /"requestId":"(\w+)"/)).1
            for body in [#""rooms":{}"#, #""rooms":[{}]"#, #""sockets":[]"#, #""rooms":["x""#] {
                try await fleet.publish(#"{"requestId":"\#(id)",\#(body)}"#, to: "-response#/#")
            }
            try await fleet.publish(#"{"requestId":"\#(id)","rooms":["b"]}"#, to: "-response#/#")
            let rooms = await answer
            #expect(rooms.value == ["a", "b"])
            #expect(rooms.missingServers == 0)
            #expect(fleet.servers[0].adapter.statistics.malformed == 4)
        }
    }
}
