import NIOCore
import NIOEmbedded
import Testing

@testable import Redis

@Suite("Redis connection: bytes")
struct RedisConnectionTests {
    /// Writes down what the connection tells; used on the embedded channel's thread only.
    final class Owner: RedisConnectionOwner, @unchecked Sendable {
        var log: [String] = []

        func connectionReady(_ connection: RedisConnection) { log.append("ready") }
        func connectionWritable(_ connection: RedisConnection) { log.append("writable") }
        func connectionReceived(_ push: RedisPush) { log.append("push \(String(buffer: push.payload))") }
        func connectionAnswered(_ waiting: RedisWaiting, _ value: RedisValue) { log.append("answer \(value)") }
        func connectionPublishRefused(_ text: String) { log.append("refused \(text)") }
        func connectFailed(_ error: any Error) { log.append("failed") }
        func connectionClosed(_ connection: RedisConnection, unanswered: [RedisWaiting], error: RedisError) {
            log.append("closed \(unanswered.count) \(error)")
        }
    }

    let owner = Owner()
    let channel: EmbeddedChannel
    let connection: RedisConnection

    init(_ configuration: RedisConfiguration) throws {
        connection = RedisConnection(
            role: .commands,
            configuration: configuration,
            owner: owner
        )
        channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(connection)
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/redis"), promise: nil)
    }

    init() throws { try self.init(RedisConfiguration(address: .unix(path: "/redis"))) }

    func sent() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    func receive(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }

    @Test("the handshake logs in, selects the database and asks whether Redis is there")
    func handshake() throws {
        let test = try RedisConnectionTests(
            RedisConfiguration(address: .unix(path: "/redis"), username: "u", password: "p", database: 2)
        )
        #expect(
            try test.sent()
                == "*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n*1\r\n$4\r\nPING\r\n"
        )
        try test.receive("+OK\r\n+OK\r\n")
        #expect(test.owner.log.isEmpty)
        try test.receive("+PONG\r\n")
        #expect(test.owner.log == ["ready"])
    }

    @Test("a Redis that is still loading is given up and tried again later")
    func loading() throws {
        try receive("-LOADING Redis is loading the dataset in memory\r\n")
        #expect(owner.log == ["closed 0 Redis answered: LOADING Redis is loading the dataset in memory"])
    }

    @Test("a handshake that is not answered in time is given up")
    func handshakeTimeout() throws {
        channel.embeddedEventLoop.advanceTime(by: RedisConnection.handshakeTimeout)
        #expect(owner.log == ["closed 0 Redis did not answer the handshake in time"])
    }

    @Test("an idle connection is probed")
    func probe() throws {
        try receive("+PONG\r\n")
        _ = try sent()
        channel.embeddedEventLoop.advanceTime(by: RedisConnection.pingInterval)
        #expect(try sent() == "*1\r\n$4\r\nPING\r\n")
        channel.embeddedEventLoop.advanceTime(by: RedisConnection.pingInterval)
        #expect(try sent() == "*1\r\n$4\r\nPING\r\n")
        try receive("+PONG\r\n+PONG\r\n")
        #expect(owner.log.count == 3)
    }

    @Test("what was sent and not answered is told when the connection ends")
    func unanswered() throws {
        try receive("+PONG\r\n")
        for name in ["GET", "SET"] {
            connection.write(ByteBuffer(string: name), waiting: .call(RedisCall(name: name, bytes: ByteBuffer())))
        }
        try receive("$1\r\nx\r\n")
        channel.close(promise: nil)
        #expect(owner.log.last == "closed 1 the connection to Redis was lost")
    }

    @Test("bytes that are not RESP2 end the connection")
    func malformed() throws {
        try receive("+PONG\r\n")
        try receive("HTTP/1.1 400 Bad Request\r\n")
        let last = try #require(owner.log.last)
        #expect(last.hasPrefix("closed 0 Redis sent something that is not RESP2"))
    }
}
