import Domain
import Foundation
import Synchronization
import Testing

@Suite("Rate limits")
struct RateLimiterTests {
    private final class Clock: WallClock {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        var now: Date { time.withLock { $0 } }
        func advance(seconds: TimeInterval) { time.withLock { $0 += seconds } }
    }

    private let clock = Clock()
    private let user = UserID.new(at: Date())

    @Test("a burst is let through, then one for each that is due, and the refusal says when")
    func bucket() throws {
        var limits = RateLimits.none
        limits.sends = RateLimit(perMinute: 60, burst: 3)
        let limiter = RateLimiter(limits, clock: clock)
        for _ in 0..<3 { try limiter.count(.send, by: user) }
        #expect { try limiter.count(.send, by: user) } throws: { error in
            guard let retry = (error as? ChatError)?.retryAfter else { return false }
            return retry > .milliseconds(900) && retry < .milliseconds(1_100)
        }
        clock.advance(seconds: 1)
        try limiter.count(.send, by: user)
        #expect(throws: ChatError.self) { try limiter.count(.send, by: user) }
        clock.advance(seconds: -60)
        #expect(throws: ChatError.self) { try limiter.count(.send, by: user) }
        clock.advance(seconds: 3_600)
        for _ in 0..<3 { try limiter.count(.send, by: user) }
        #expect(throws: ChatError.self) { try limiter.count(.send, by: user) }
    }

    @Test("people, acts and rooms have buckets of their own, and no limit is none")
    func separate() throws {
        var limits = RateLimits.none
        limits.sendsPerRoom = RateLimit(perMinute: 1, burst: 1)
        let limiter = RateLimiter(limits, clock: clock)
        let (one, other) = (RoomID.new(at: Date()), RoomID.new(at: Date()))
        try limiter.count(.sendIn(one), by: user)
        try limiter.count(.sendIn(other), by: user)
        try limiter.count(.sendIn(one), by: .new(at: Date()))
        #expect(throws: ChatError.self) { try limiter.count(.sendIn(one), by: user) }
        for _ in 0..<1_000 { try limiter.count(.search, by: user) }
    }

    @Test("memory is bounded")
    func bounded() throws {
        var limits = RateLimits.none
        limits.sends = RateLimit(perMinute: 1, burst: 1)
        let limiter = RateLimiter(limits, clock: clock)
        for _ in 0...RateLimiter.bucketsMax { try limiter.count(.send, by: .new(at: clock.now)) }
    }
}
