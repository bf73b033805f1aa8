internal import Foundation
internal import NIOPosix
package import Redis

/// The Redis that the tests share. Each test uses keys and channels of its own, made with `unique`.
package enum TestRedis {
    package struct Missing: Error, CustomStringConvertible {
        package var description: String {
            "TEST_REDIS_URL is not set: run the tests with scripts/test, or set it to the URL of a throwaway Redis"
        }
    }

    /// Where it is.
    ///
    /// - Throws: `Missing` when the variable is not set: a test without Redis fails, it is not skipped.
    package static func configuration() throws -> RedisConfiguration {
        guard let url = ProcessInfo.processInfo.environment["TEST_REDIS_URL"], !url.isEmpty else { throw Missing() }
        return try RedisConfiguration(url: url)
    }

    /// A connected client for as long as `body` runs.
    package static func withClient<Value: Sendable>(
        limits: RedisLimits = RedisLimits(),
        _ body: @Sendable (RedisClient) async throws -> Value
    ) async throws -> Value {
        try await RedisClient.withClient(
            configuration: configuration(),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            limits: limits
        ) { client in
            try await client.waitUntilConnected()
            return try await body(client)
        }
    }

    /// A name that no other test uses.
    package static func unique(_ name: String = "test") -> String {
        "\(name)-\(UUID().uuidString.lowercased())"
    }
}

/// Waits until `condition` holds; throws when it does not within `timeout`.
package func eventually(
    _ what: String,
    within timeout: Duration = .seconds(10),
    _ condition: @Sendable () async throws -> Bool
) async throws {
    struct NeverHappened: Error, CustomStringConvertible { let description: String }
    let deadline = ContinuousClock.now + timeout
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverHappened(description: "it never happened that \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
