#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import Synchronization

/// Counts what people do on this instance against the limits. A person on several instances has as many buckets.
package final class RateLimiter: Sendable {
    /// Buckets that are kept; beyond it those that have filled up again, and then any, are forgotten.
    package static let bucketsMax = 50_000

    package let limits: RateLimits
    private let clock: any WallClock
    private let buckets = Mutex<[Key: Bucket]>([:])

    /// What is counted, each in buckets of its own.
    package enum Act: Hashable, Sendable {
        case send, join, search, makeRoom, upload
        case sendIn(RoomID)
    }

    private struct Key: Hashable {
        let user: UserID
        let act: Act
    }

    private struct Bucket {
        var level: Double
        var at: Date

        mutating func fill(_ limit: RateLimit, at now: Date) {
            // A wall clock may be set back; then nothing is added.
            let seconds = max(0, now.timeIntervalSince(at))
            level = min(Double(limit.burst), level + seconds * Double(limit.perMinute) / 60)
            at = now
        }
    }

    package init(_ limits: RateLimits, clock: any WallClock) {
        self.limits = limits
        self.clock = clock
    }

    /// Counts one act. Throws `rateLimited` with the time until the next one is due.
    package func count(_ act: Act, by user: UserID) throws {
        let limit = limit(of: act)
        guard limit.perMinute > 0 else { return }
        let now = clock.now
        let missing = buckets.withLock { buckets -> Double in
            let key = Key(user: user, act: act)
            if buckets[key] == nil, buckets.count >= Self.bucketsMax { makeRoom(in: &buckets, at: now) }
            var bucket = buckets[key] ?? Bucket(level: Double(limit.burst), at: now)
            bucket.fill(limit, at: now)
            defer { buckets[key] = bucket }
            guard bucket.level >= 1 else { return 1 - bucket.level }
            bucket.level -= 1
            return 0
        }
        guard missing > 0 else { return }
        throw ChatError.rateLimited(retryAfter: .milliseconds(Int(missing * 60_000 / Double(limit.perMinute)) + 1))
    }

    private func limit(of act: Act) -> RateLimit {
        switch act {
        case .send: limits.sends
        case .sendIn: limits.sendsPerRoom
        case .join: limits.joins
        case .search: limits.searches
        case .makeRoom: limits.roomsMade
        case .upload: limits.uploads
        }
    }

    /// A full bucket says the same as none.
    private func makeRoom(in buckets: inout [Key: Bucket], at now: Date) {
        buckets = buckets.filter { key, bucket in
            var bucket = bucket
            let limit = limit(of: key.act)
            bucket.fill(limit, at: now)
            return bucket.level < Double(limit.burst)
        }
        while buckets.count >= Self.bucketsMax { buckets.removeValue(forKey: buckets.first!.key) }
    }
}
