import NIOCore
import NIOPosix
import Redis
import SocketIO
import Synchronization
import TestSupport

@testable import SocketIORedis

/// Some servers on one Redis under a key of their own, and an ear on everything that they publish.
struct TestFleet: Sendable {
    struct Server: Sendable {
        let adapter: RedisAdapter
        let local: RecordingAdapter
    }

    let key: String
    let form: RedisAdapterOptions.Form
    let redis: RedisClient
    let servers: [Server]
    let ear: Ear

    /// Runs `body` with one server for each of `locals`, all listening.
    static func with(
        _ locals: [RecordingAdapter],
        form: RedisAdapterOptions.Form = .classic,
        namespace: String = "/",
        timeout: Duration = .seconds(5),
        specificChannel: Bool = false,
        _ body: @Sendable (TestFleet) async throws -> Void
    ) async throws {
        let key = TestRedis.unique("socket.io")
        let options = RedisAdapterOptions(
            form: form,
            key: key,
            requestsTimeout: timeout,
            publishOnSpecificResponseChannel: specificChannel
        )
        try await TestRedis.withClient { redis in
            let ear = Ear(key: key)
            let listening = redis.subscribe(.pattern, "\(key)*") { ear.hear($0) }
            try await listening.waitUntilActive()
            if form != .classic { try await ear.listen(redis, to: "#/#") }
            // Servers do not share a client, so that each has the order of messages of its own connection.
            try await withServers(locals, namespace, options, []) { servers in
                if form != .classic {
                    for server in servers { try await ear.listen(redis, to: "#/#\(server.adapter.uid)#") }
                }
                try await body(TestFleet(key: key, form: form, redis: redis, servers: servers, ear: ear))
                for server in servers { await server.adapter.close() }
            }
        }
    }

    private static func withServers(
        _ locals: [RecordingAdapter],
        _ namespace: String,
        _ options: RedisAdapterOptions,
        _ servers: [Server],
        _ body: @Sendable ([Server]) async throws -> Void
    ) async throws {
        guard let local = locals.first else { return try await body(servers) }
        try await TestRedis.withClient { redis in
            let adapter = RedisAdapter(
                namespace: namespace,
                local: local,
                receiver: local,
                redis: redis,
                options: options
            )
            try await adapter.waitUntilActive()
            try await withServers(
                Array(locals.dropFirst()),
                namespace,
                options,
                servers + [Server(adapter: adapter, local: local)],
                body
            )
        }
    }

    /// Publishes as a Node server or anybody else would.
    func publish(_ message: ByteBuffer, to channel: String) async throws {
        try await redis.command(form == .classic ? "PUBLISH" : "SPUBLISH", key + channel, message)
    }

    func publish(_ message: String, to channel: String) async throws {
        try await publish(ByteBuffer(string: message), to: channel)
    }

    /// Returns once each server and the ear have handled what was published before: a join is the one thing that all log.
    func settle() async throws {
        let mark = TestRedis.unique("settle")
        let members = #""opts":{"rooms":["\#(mark)"],"except":[]},"rooms":["x"]"#
        if form == .classic {
            try await publish(#"{"type":2,\#(members)}"#, to: "-request#/#")
        } else {
            try await publish(#"{"type":4,"data":{\#(members)},"uid":"settle","nsp":"/"}"#, to: "#/#")
        }
        try await eventually("all servers have settled") {
            servers.allSatisfy { server in server.local.log.contains { $0.contains(mark) } }
                && ear.lines.contains { $0.contains(mark) }
        }
    }
}

/// Hears what is published: channels without the key, JSON as text, MessagePack in hexadecimal.
final class Ear: Sendable {
    private let key: String
    private let state = Mutex<[(channel: String, message: ByteBuffer)]>([])

    init(key: String) { self.key = key }

    var lines: [String] {
        state.withLock { $0 }.map { channel, message in
            let isText = message.readableBytesView.first == UInt8(ascii: "{")
            return "[\(channel)] \(isText ? String(buffer: message) : hex(message))"
        }
    }

    /// Also hears a sharded channel, for which Redis has no patterns.
    func listen(_ redis: RedisClient, to channel: String) async throws {
        try await redis.subscribe(.shardChannel, key + channel) { self.hear($0) }.waitUntilActive()
    }

    func hear(_ event: RedisSubscription.Event) {
        guard case .message(let channel, let payload) = event else { return }
        state.withLock { $0.append((String(String(buffer: channel).dropFirst(key.count)), payload)) }
    }
}
