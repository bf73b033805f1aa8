import Foundation
import NIOCore
import NIOPosix
import Redis
import Synchronization
import TestSupport
import Testing

@Suite("Redis client")
struct RedisClientTests {
    @Test("a value that was set is read back")
    func setAndGet() async throws {
        try await TestRedis.withClient { redis in
            let key = TestRedis.unique()
            let reply1 = try await redis.command("SET", key, ByteBuffer(bytes: [0, 1, 255]), "PX", 60_000)
            #expect(reply1 == .status("OK"))
            let reply2 = try await redis.command("GET", key)
            #expect(reply2 == .bulk(ByteBuffer(bytes: [0, 1, 255])))
            let reply3 = try await redis.command("DEL", key)
            #expect(reply3 == .integer(1))
            let reply4 = try await redis.command("GET", key)
            #expect(reply4 == .null)
        }
    }

    @Test("an error reply is thrown with its text")
    func errorReply() async throws {
        try await TestRedis.withClient { redis in
            let key = TestRedis.unique()
            try await redis.command("SET", key, "text", "PX", 60_000)
            let error = await #expect(throws: RedisError.self) { try await redis.command("INCR", key) }
            #expect(error == .server("ERR value is not an integer or out of range"))
        }
    }

    @Test("a thousand commands at once each get their own reply")
    func pipelining() async throws {
        try await TestRedis.withClient { redis in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1_000 {
                    group.addTask { try await redis.command("ECHO", number).string == String(number) }
                }
                for try await matches in group { #expect(matches) }
            }
        }
    }

    @Test("a cancelled command leaves its neighbours their replies")
    func cancellation() async throws {
        try await PrivateRedis.with { server in
            try await Self.withClient(server) { redis in
                server.pause()
                async let before = redis.command("ECHO", "before")
                let cancelled = Task { try await redis.command("ECHO", "cancelled") }
                async let after = redis.command("ECHO", "after")
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                server.resume()
                let value1 = try await before.string
                #expect(value1 == "before")
                let value2 = try await after.string
                #expect(value2 == "after")
            }
        }
    }

    @Test("a command that is not answered in time throws, and later ones are answered rightly")
    func timeout() async throws {
        try await PrivateRedis.with { server in
            try await Self.withClient(server, limits: RedisLimits(commandTimeout: .milliseconds(100))) { redis in
                server.pause()
                await #expect(throws: RedisError.timeout(command: "ECHO")) {
                    try await redis.command("ECHO", "late")
                }
                server.resume()
                try await eventually("Redis answers again") {
                    (try? await redis.command("ECHO", "in time").string) == "in time"
                }
            }
        }
    }

    @Test("published messages reach channel and pattern subscriptions in order")
    func publishAndSubscribe() async throws {
        try await TestRedis.withClient { redis in
            let name = TestRedis.unique()
            let log = Log()
            let channel = redis.subscribe(.channel, "\(name).a") { log.add("channel", $0) }
            let pattern = redis.subscribe(.pattern, "\(name).*") { log.add("pattern", $0) }
            try await channel.waitUntilActive()
            try await pattern.waitUntilActive()
            for number in 0..<100 { redis.publish(ByteBuffer(string: "\(number)"), to: "\(name).a") }
            redis.publish(ByteBuffer(string: "last"), to: "\(name).b")
            try await eventually("all messages came") { log.lines.count == 203 }
            let numbers = (0..<100).map { "\(name).a \($0)" }
            #expect(
                log.lines.filter { $0.hasPrefix("channel") } == ["channel active"] + numbers.map { "channel \($0)" }
            )
            #expect(
                log.lines.filter { $0.hasPrefix("pattern") }
                    == ["pattern active"] + numbers.map { "pattern \($0)" } + ["pattern \(name).b last"]
            )
        }
    }

    @Test("a cancelled subscription hears nothing more, and the name can be subscribed to again at once")
    func unsubscribe() async throws {
        try await TestRedis.withClient { redis in
            let name = TestRedis.unique()
            let (first, second) = (Log(), Log())
            let subscription = redis.subscribe(.channel, name) { first.add("", $0) }
            try await subscription.waitUntilActive()
            subscription.cancel()
            let again = redis.subscribe(.channel, name) { second.add("", $0) }
            try await again.waitUntilActive()
            let reply5 = try await redis.command("PUBLISH", name, "x")
            #expect(reply5 == .integer(1))
            try await eventually("the message came") { second.lines == [" active", " \(name) x"] }
            #expect(first.lines == [" active"])
        }
    }

    @Test("after a crash the client connects again, subscribes again and tells of the gap")
    func reconnect() async throws {
        try await PrivateRedis.with { server in
            try await Self.withClient(server) { redis in
                let log = Log()
                let subscription = redis.subscribe(.channel, "news") { log.add("", $0) }
                try await subscription.waitUntilActive()
                try await eventually("connected") { redis.isConnected }
                server.kill()
                try await eventually("the loss is seen") { log.lines == [" active", " lost"] && !redis.isConnected }
                try await server.start()
                try await subscription.waitUntilActive()
                #expect(log.lines.last == " active after a gap")
                redis.publish(ByteBuffer(string: "back"), to: "news")
                try await eventually("the message came") { log.lines.last == " news back" }
            }
        }
    }

    @Test("what is published while Redis is away is queued up to the limit, the rest is dropped and counted")
    func publishQueue() async throws {
        try await PrivateRedis.with { server in
            try await Self.withClient(server, limits: RedisLimits(publishQueueCountMax: 10)) { redis in
                let log = Log()
                let subscription = redis.subscribe(.channel, "news") { log.add("", $0) }
                try await subscription.waitUntilActive()
                server.kill()
                // By both connections: the one for subscriptions can be the first to notice.
                try await eventually("the loss is seen") { redis.lastFailure != nil && log.lines.contains(" lost") }
                for number in 0..<15 { redis.publish(ByteBuffer(string: "\(number)"), to: "other") }
                #expect(redis.droppedPublishes == 5)
                try await server.start()
                let reply6 = try await redis.command("PING")
                #expect(reply6 == .status("PONG"))
            }
        }
    }

    @Test("a stalled Redis neither blocks publishing nor takes unbounded memory")
    func stalled() async throws {
        try await PrivateRedis.with { server in
            try await Self.withClient(server, limits: RedisLimits(publishQueueBytesMax: 1 << 20)) { redis in
                server.pause()
                let payload = ByteBuffer(repeating: 0x78, count: 10_000)
                let start = ContinuousClock.now
                for _ in 0..<5_000 { redis.publish(payload, to: "news") }
                #expect(ContinuousClock.now - start < .seconds(3))
                try await eventually("some were dropped") { redis.droppedPublishes > 0 }
                server.resume()
                let reply7 = try await redis.command("PING")
                #expect(reply7 == .status("PONG"))
            }
        }
    }

    @Test("a password and a database are used; a wrong password never connects")
    func authentication() async throws {
        try await PrivateRedis.with(password: "s3cret") { server in
            var configuration = server.configuration
            configuration.database = 3
            try await Self.withClient(configuration) { redis in
                try await redis.command("SET", "here", "1")
                try await redis.command("SELECT", 0)
                let reply8 = try await redis.command("EXISTS", "here")
                #expect(reply8 == .integer(0))
            }
            configuration.password = "wrong"
            try await Self.withClient(configuration, limits: RedisLimits(commandTimeout: .milliseconds(200))) { redis in
                await #expect(throws: RedisError.timeout(command: "PING")) { try await redis.command("PING") }
                try await eventually("the reason is known") { redis.lastFailure?.contains("WRONGPASS") == true }
            }
        }
    }

    @Test("a stopped client fails what waits and what comes later")
    func stop() async throws {
        let redis = RedisClient(
            configuration: RedisConfiguration(address: .unix(path: "/nonexistent")),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton
        )
        let running = Task { await redis.run() }
        let subscription = redis.subscribe(.channel, "news") { _ in }
        let waiting = Task { try await redis.command("PING") }
        running.cancel()
        await running.value
        await #expect(throws: RedisError.closed) { try await waiting.value }
        await #expect(throws: RedisError.closed) { try await subscription.waitUntilActive() }
        await #expect(throws: RedisError.closed) { try await redis.command("PING") }
    }

    static func withClient(
        _ server: PrivateRedis,
        limits: RedisLimits = RedisLimits(),
        _ body: @Sendable (RedisClient) async throws -> Void
    ) async throws {
        try await withClient(server.configuration, limits: limits) { redis in
            try await redis.waitUntilConnected()
            try await body(redis)
        }
    }

    static func withClient(
        _ configuration: RedisConfiguration,
        limits: RedisLimits = RedisLimits(),
        _ body: @Sendable (RedisClient) async throws -> Void
    ) async throws {
        try await RedisClient.withClient(
            configuration: configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            limits: limits,
            body
        )
    }
}

/// What a subscription was told, as lines of text.
final class Log: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }

    func add(_ name: String, _ event: RedisSubscription.Event) {
        let text =
            switch event {
            case .message(let channel, let payload): "\(String(buffer: channel)) \(String(buffer: payload))"
            case .active(let afterGap): afterGap ? "active after a gap" : "active"
            case .lost: "lost"
            case .refused(let error): "refused \(error)"
            }
        state.withLock { $0.append("\(name) \(text)") }
    }
}
