import CHiredis
import Foundation

/// Publisher and subscriber are hiredis' blocking contexts, each on a thread of its own: the least that a client can do.
@Sendable
func throughHiredis(_ traffic: Traffic, _ server: PrivateServer) async throws -> Measurement {
    let subscribed = DispatchSemaphore(value: 0)
    let socket = server.socket
    async let subscriber = onThread {
        let connection = try HiredisConnection(socket)
        try connection.append(["SUBSCRIBE", Traffic.channel])
        try connection.readReply()
        subscribed.signal()
        let before = threadSeconds()
        for _ in 0..<traffic.count {
            try connection.readReply()
            traffic.arrived()
        }
        return threadSeconds() - before
    }
    let before = server.seconds
    let (took, publisher) = try await onThread {
        subscribed.wait()
        let connection = try HiredisConnection(socket)
        let payload = String(repeating: "x", count: Traffic.payloadBytes)
        let (before, start) = (threadSeconds(), ContinuousClock.now)
        try traffic.run { burst in
            for _ in 0..<burst { try connection.append(["PUBLISH", Traffic.channel, payload]) }
            for _ in 0..<burst { try connection.readReply() }
        }
        return (ContinuousClock.now - start, threadSeconds() - before)
    }
    return Measurement(
        messages: traffic.count,
        seconds: took / .seconds(1),
        publisher: publisher,
        subscriber: try await subscriber,
        server: server.seconds - before
    )
}

/// Used on one thread.
private final class HiredisConnection {
    struct Failed: Error {}

    private let context: UnsafeMutablePointer<redisContext>

    init(_ socket: String) throws {
        guard let context = redisConnectUnix(socket), context.pointee.err == 0 else { throw Failed() }
        self.context = context
    }

    deinit { redisFree(context) }

    func append(_ words: [String]) throws {
        var pointers: [UnsafePointer<CChar>?] = []
        var lengths: [Int] = []
        func gather(_ rest: ArraySlice<String>) -> Int32 {
            guard let word = rest.first else {
                return redisAppendCommandArgv(context, Int32(words.count), &pointers, lengths)
            }
            return word.withCString { bytes in
                pointers.append(bytes)
                lengths.append(word.utf8.count)
                return gather(rest.dropFirst())
            }
        }
        guard gather(words[...]) == REDIS_OK else { throw Failed() }
    }

    func readReply() throws {
        var reply: UnsafeMutableRawPointer?
        guard redisGetReply(context, &reply) == REDIS_OK else { throw Failed() }
        freeReplyObject(reply)
    }
}
