import NIOCore
import NIOPosix
import Redis
import SocketIO
import TestSupport
import Testing

@testable import SocketIORedis

@Suite("Redis adapter: broadcasts")
struct RedisAdapterBroadcastTests {
    @Test("a broadcast reaches every server once, the own one directly")
    func toAll() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter(), RecordingAdapter()]) { fleet in
            let event = Payload.json(#"["hi",1,"é",{"a":null}]"#)
            fleet.servers[0].adapter.broadcast(event, options: BroadcastOptions())
            let line = #"broadcast ["hi",1,"é",{"a":null}] to [] except []"#
            #expect(fleet.servers[0].local.log == [line], "without waiting")
            try await eventually("the others have it") { fleet.servers.allSatisfy { $0.local.log.contains(line) } }
            try await fleet.settle()
            for server in fleet.servers { #expect(server.local.log.filter { $0 == line }.count == 1) }
            let uid = hex(ByteBuffer(string: fleet.servers[0].adapter.uid))
            // The bytes that Node was captured with, but for the uid.
            let expected =
                "[#/#] 93a6\(uid)83a47479706502a46461746194a2686901a2c3a981a161c0a36e7370a12f83"
                + "a5726f6f6d7390a665786365707490a5666c61677380"
            #expect(fleet.ear.lines.first == expected)
        }
    }

    @Test("a broadcast to one room has a channel of its own, and is not even decoded where the room is empty")
    func toRoom() async throws {
        let locals = [RecordingAdapter(), RecordingAdapter(occupied: ["r1"]), RecordingAdapter(occupied: ["r2"])]
        try await TestFleet.with(locals) { fleet in
            let options = BroadcastOptions(rooms: ["r1"], except: ["r3"])
            fleet.servers[0].adapter.broadcast(.json(#"["hi"]"#), options: options)
            try await eventually("it came") { locals[1].log == [#"broadcast ["hi"] to ["r1"] except ["r3"]"#] }
            try await eventually("it was dropped") { fleet.servers[2].adapter.statistics.unoccupied == 1 }
            #expect(locals[2].log.isEmpty)
            try await fleet.settle()
            #expect(fleet.ear.lines.first?.hasPrefix("[#/#r1#] ") == true)
            try await fleet.publish("not MessagePack", to: "#/#nobody#")
            try await fleet.settle()
            #expect(fleet.servers.map(\.adapter.statistics.malformed) == [0, 0, 0])
        }
    }

    @Test("several rooms, flags and binary arrive as they were sent")
    func options() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter()]) { fleet in
            let options = BroadcastOptions(
                rooms: ["r1", "r2"],
                except: ["r3"],
                flags: .init(volatile: true, compress: false)
            )
            let event = Payload.json(
                #"["bin",{"_placeholder":true,"num":0},[{"_placeholder":true,"num":1}]]"#,
                [[1], [2, 3]]
            )
            fleet.servers[0].adapter.broadcast(event, options: options)
            let line = "broadcast \(event.text) to [\"r1\", \"r2\"] except [\"r3\"] volatile compress=false"
            try await eventually("it came") { fleet.servers[1].local.log == [line] }
            try await fleet.settle()
            #expect(fleet.ear.lines.first?.hasPrefix("[#/#] ") == true)
        }
    }

    @Test("a room is sent as the string that it is, also one whose name is a number")
    func numericRoom() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter()]) { fleet in
            let adapter = fleet.servers[0].adapter
            adapter.broadcast(.json(#"["hi"]"#), options: BroadcastOptions(rooms: ["42"], except: ["7"]))
            adapter.addSockets(BroadcastOptions(rooms: ["42"]), to: ["43"])
            try await eventually("both are heard") { fleet.ear.lines.count == 2 }
            let options = "a5726f6f6d7391a23432a665786365707491a137a5666c61677380"
            #expect(fleet.ear.lines.first?.hasPrefix("[#/#42#] ") == true)
            #expect(fleet.ear.lines.first?.hasSuffix(options) == true)
            #expect(fleet.ear.lines[1].hasSuffix(#""opts":{"rooms":["42"],"except":[]},"rooms":["43"]}"#))
        }
    }

    @Test("broadcasts keep their order, also between rooms")
    func order() async throws {
        let other = RecordingAdapter(occupied: ["r"])
        try await TestFleet.with([RecordingAdapter(), other]) { fleet in
            for number in 0..<500 {
                let rooms: [Room] = number.isMultiple(of: 2) ? ["r"] : []
                fleet.servers[0].adapter.broadcast(.json("[\"n\",\(number)]"), options: BroadcastOptions(rooms: rooms))
            }
            try await eventually("all came") { other.log.count == 500 }
            #expect(other.log == fleet.servers[0].local.log)
        }
    }

    @Test("what is local is not published")
    func local() async throws {
        try await TestFleet.with([RecordingAdapter(), RecordingAdapter()]) { fleet in
            let adapter = fleet.servers[0].adapter
            let options = BroadcastOptions(flags: .init(local: true))
            adapter.broadcast(.json(#"["hi"]"#), options: options)
            adapter.addSockets(options, to: ["r"])
            adapter.removeSockets(options, from: ["r"])
            adapter.disconnectSockets(options, closeTransport: false)
            adapter.broadcast(.json(#"["hi"]"#), options: options, clientCount: { _ in }, acknowledgement: { _ in })
            _ = await adapter.fetchSockets(options)
            try await fleet.settle()
            #expect(fleet.servers[0].local.log.count == 7)
            #expect(fleet.servers[1].local.log.count == 1)
            #expect(fleet.ear.lines.count == 1)
        }
    }

    @Test("another namespace and another key are other worlds")
    func namespaces() async throws {
        let local = RecordingAdapter(occupied: ["r"])
        try await TestFleet.with([local], namespace: "/chat") { fleet in
            let options = BroadcastOptions()
            let forOther = try BroadcastMessage.encode(.json(#"["no"]"#), options: options, uid: "a", namespace: "/")
            let forUs = try BroadcastMessage.encode(.json(#"["yes"]"#), options: options, uid: "a", namespace: "/chat")
            try await fleet.publish(forOther, to: "#/#")
            try await fleet.publish(forOther, to: "#/chat#")
            try await fleet.publish(forUs, to: "2#/chat#")
            try await fleet.publish(forUs, to: "#/chat#r#")
            try await eventually("it came") { local.log.count == 1 }
            #expect(local.log == [#"broadcast ["yes"] to [] except []"#])
        }
    }

    @Test("a namespace with characters of a glob hears its own broadcasts only")
    func glob() async throws {
        let local = RecordingAdapter()
        try await TestFleet.with([local], namespace: "/a[b]*") { fleet in
            let message = try BroadcastMessage.encode(
                .json(#"["hi"]"#),
                options: BroadcastOptions(),
                uid: "a",
                namespace: "/a[b]*"
            )
            try await fleet.publish(message, to: "#/a[b]*#")
            try await eventually("it came") { local.log == [#"broadcast ["hi"] to [] except []"#] }
        }
    }

    @Test("hostile messages are counted and dropped, and the next good one arrives")
    func hostile() async throws {
        let local = RecordingAdapter()
        try await TestFleet.with([local]) { fleet in
            let good = try BroadcastMessage.encode(
                .json(#"["good"]"#),
                options: BroadcastOptions(),
                uid: "a",
                namespace: "/"
            )
            var bad: [ByteBuffer] = [
                ByteBuffer(),
                ByteBuffer(string: "{}"),
                ByteBuffer(bytes: [0xc1]),
                ByteBuffer(bytes: [0x93, 0xa1, 0x61, 0x80, 0x80]),
                ByteBuffer(bytes: [0x93, 0xa1, 0x61, 0xdf, 0xff, 0xff, 0xff, 0xff]),
                ByteBuffer(bytes: Array(repeating: 0x91, count: 1_000_000)),
            ]
            // Every prefix of a good message is a bad one, and so is one with something behind it.
            for length in 1..<good.readableBytes {
                bad.append(good.getSlice(at: good.readerIndex, length: length) ?? ByteBuffer())
            }
            bad.append(ByteBuffer(bytes: Array(good.readableBytesView) + [0xc0]))
            for message in bad { try await fleet.publish(message, to: "#/#") }
            // An event whose name is an object has crashed servers.
            let named = try BroadcastMessage.encode(.json("[{}]"), options: .init(), uid: "a", namespace: "/")
            try await fleet.publish(named, to: "#/#")
            try await fleet.publish(good, to: "#/#")
            try await eventually("the good one came") { local.log == [#"broadcast ["good"] to [] except []"#] }
            #expect(fleet.servers[0].adapter.statistics.malformed == bad.count + 1)
            #expect(fleet.servers[0].adapter.statistics.received == 1)
        }
    }

    @Test("a Redis that sleeps for ten seconds delays no local delivery", arguments: [false, true])
    func redisAsleep(sharded: Bool) async throws {
        try await PrivateRedis.with { server in
            try await RedisClient.withClient(
                configuration: server.configuration,
                eventLoopGroup: .singletonMultiThreadedEventLoopGroup
            ) { redis in
                let local = RecordingAdapter(occupied: ["r"])
                let options = RedisAdapterOptions(form: sharded ? .sharded(.dynamic) : .classic)
                let adapter = RedisAdapter(
                    namespace: "/",
                    local: local,
                    receiver: local,
                    redis: redis,
                    options: options
                )
                try await adapter.waitUntilActive()
                // Behind it in the pipeline waits everything that follows.
                let sleeping = Task { try await redis.command("DEBUG", "SLEEP", 10) }
                let start = ContinuousClock.now
                for number in 0..<1_000 {
                    adapter.broadcast(.json("[\"n\",\(number)]"), options: BroadcastOptions(rooms: ["r"]))
                }
                adapter.addSockets(BroadcastOptions(), to: ["x"])
                #expect(local.log.count == 1_001, "all was delivered here when the calls returned")
                try await redis.eventLoop.submit {}.get()
                #expect(ContinuousClock.now - start < .seconds(3), "long before Redis is awake")
                sleeping.cancel()
                await adapter.close()
            }
        }
    }

    @Test("Redis away delays nobody here, and what is sent meanwhile arrives when it is back; the gap is told")
    func redisAway() async throws {
        try await PrivateRedis.with { server in
            try await RedisClient.withClient(
                configuration: server.configuration,
                eventLoopGroup: .singletonMultiThreadedEventLoopGroup
            ) { redis in
                let local = RecordingAdapter()
                let gaps = RecordingAdapter()
                let adapter = RedisAdapter(namespace: "/", local: local, receiver: local, redis: redis) {
                    gaps.addSockets(BroadcastOptions(), to: ["gap"])
                }
                try await adapter.waitUntilActive()
                server.kill()
                try await eventually("the loss is seen") { !redis.isConnected }
                adapter.broadcast(.json(#"["hi"]"#), options: BroadcastOptions())
                #expect(local.log == [#"broadcast ["hi"] to [] except []"#])
                #expect(gaps.log.isEmpty)
                try await server.start()
                try await eventually("the gap is told") { gaps.log.count == 1 }
                await adapter.close()
            }
        }
    }
}
