import Domain
import Foundation
import NIOPosix
import Redis
import TestSupport
import Testing

@testable import ChatServer

@Suite("Who is there, in the whole fleet")
struct PresenceBoardTests {
    @Test("online anywhere is online, and each change is told once")
    func states() async throws {
        try await PrivateRedis.with { server in
            try await Self.withBoards(2, on: server) { boards in
                let user = UserID.new(at: .now)
                try await #expect(boards[0].put(user, .away) == .away)
                try await #expect(boards[1].put(user, .online) == .online)
                try await #expect(boards[0].put(user, .online) == nil)
                try await #expect(boards[1].put(user, .offline) == nil)
                try await #expect(boards[0].put(user, .away) == .away)
                try await #expect(boards[0].put(user, .offline) == .offline)
                try await #expect(boards[0].put(user, .offline) == nil)
            }
        }
    }

    @Test("what an instance wrote whose lease is over is taken away once, by one of the others")
    func deadInstance() async throws {
        try await PrivateRedis.with { server in
            try await Self.withBoards(3, on: server) { boards in
                let users = (0..<PresenceBoard.claimedMax + 1).map { _ in UserID.new(at: .now) }
                for user in users { try await #expect(boards[0].put(user, .online) == .online) }
                try await #expect(boards[1].sweep() == [:], "its lease holds")
                try await boards[0].redis.command("DEL", "{chat:presence}:lease:i-0")
                async let first = boards[1].sweep()
                async let second = boards[2].sweep()
                let (some, others) = try await (first, second)
                #expect(some.count + others.count == users.count)
                #expect(Set(some.keys).union(others.keys) == Set(users))
                #expect([some, others].allSatisfy { $0.values.allSatisfy { $0 == .offline } })
            }
        }
    }

    @Test("an instance that comes while another looks for dead ones is not taken for one")
    func newInstance() async throws {
        try await PrivateRedis.with { server in
            try await Self.withBoards(1, on: server) { boards in
                let redis = boards[0].redis
                // It comes between every two steps of the look.
                for step in 0..<40 {
                    let new = PresenceBoard(redis: redis, instance: "new-\(step)")
                    async let swept = boards[0].sweep()
                    for _ in 0..<step % 8 { try await redis.command("PING") }
                    _ = try await new.renewLease()
                    _ = try await swept
                    let listed = try await redis.command("SISMEMBER", "{chat:presence}:instances", new.instance)
                    #expect(listed.integer == 1)
                }
            }
        }
    }

    /// Boards of instances `i-0`, `i-1` and so on, whose leases hold.
    private static func withBoards(
        _ count: Int,
        on server: PrivateRedis,
        _ body: @Sendable ([PresenceBoard]) async throws -> Void
    ) async throws {
        try await RedisClient.withClient(
            configuration: server.configuration,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton
        ) { redis in
            try await redis.waitUntilConnected()
            let boards = (0..<count).map { PresenceBoard(redis: redis, instance: "i-\($0)") }
            for board in boards { _ = try await board.renewLease() }
            try await body(boards)
        }
    }
}
