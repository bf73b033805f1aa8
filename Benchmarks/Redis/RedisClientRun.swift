import Foundation
import Logging
import NIOCore
import NIOPosix
import Redis

/// Publisher and subscriber are clients of the chat, each on an event loop of its own.
@Sendable
func throughRedisClient(_ traffic: Traffic, _ server: PrivateServer) async throws -> Measurement {
    let configuration = RedisConfiguration(address: .unix(path: server.socket))
    let loops = [
        MultiThreadedEventLoopGroup(numberOfThreads: 1), MultiThreadedEventLoopGroup(numberOfThreads: 1),
    ]
    let measurement = try await RedisClient.withClient(configuration: configuration, eventLoopGroup: loops[0]) {
        publisher in
        try await RedisClient.withClient(configuration: configuration, eventLoopGroup: loops[1]) { subscriber in
            let subscription = subscriber.subscribe(.channel, Traffic.channel) { event in
                if case .message = event { traffic.arrived() }
            }
            try await subscription.waitUntilActive()
            try await publisher.waitUntilConnected()
            return try await measure(traffic, server, publisher, subscriber)
        }
    }
    for loop in loops { try await loop.shutdownGracefully() }
    return measurement
}

private func measure(
    _ traffic: Traffic,
    _ server: PrivateServer,
    _ publisher: RedisClient,
    _ subscriber: RedisClient
) async throws -> Measurement {
    func seconds(of client: RedisClient) async throws -> Double {
        try await client.eventLoop.submit { threadSeconds() }.get()
    }
    let before = (try await seconds(of: publisher), try await seconds(of: subscriber), server.seconds)
    let start = ContinuousClock.now
    let calls = try await onThread {
        let payload = ByteBuffer(repeating: UInt8(ascii: "x"), count: Traffic.payloadBytes)
        traffic.run { burst in
            for _ in 0..<burst { publisher.publish(payload, to: Traffic.channel) }
        }
        return threadSeconds()
    }
    let took = ContinuousClock.now - start
    guard publisher.droppedPublishes == 0 else { fatalError("the window is larger than the publish queue") }
    return Measurement(
        messages: traffic.count,
        seconds: took / .seconds(1),
        // The call encodes, the loop writes.
        publisher: calls + (try await seconds(of: publisher)) - before.0,
        subscriber: try await seconds(of: subscriber) - before.1,
        server: server.seconds - before.2
    )
}
