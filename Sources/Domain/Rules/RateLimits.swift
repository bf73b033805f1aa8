/// How often one person may do something: a bucket that holds `burst` and is filled again with `perMinute`.
package struct RateLimit: Hashable, Sendable {
    package let perMinute: Int
    package let burst: Int

    /// A tenth of a minute's worth may come at once, and at least ten. Zero or less means no limit.
    package init(perMinute: Int) {
        self.init(perMinute: perMinute, burst: max(10, perMinute / 10))
    }

    package init(perMinute: Int, burst: Int) {
        self.perMinute = perMinute
        self.burst = burst
    }

    package static let none = RateLimit(perMinute: 0)
}

/// The limits of what people do, by name.
package struct RateLimits: Hashable, Sendable {
    /// Messages, edits, deletions and reactions of one person in all rooms.
    package var sends: RateLimit
    /// The same in one room.
    package var sendsPerRoom: RateLimit
    /// Joining, leaving, inviting and opening direct conversations.
    package var joins: RateLimit
    package var searches: RateLimit
    package var roomsMade: RateLimit
    package var uploads: RateLimit

    package init(
        sends: RateLimit = RateLimit(perMinute: 1_200),
        sendsPerRoom: RateLimit = RateLimit(perMinute: 600),
        joins: RateLimit = RateLimit(perMinute: 120, burst: 60),
        searches: RateLimit = RateLimit(perMinute: 120, burst: 20),
        roomsMade: RateLimit = RateLimit(perMinute: 20, burst: 20),
        uploads: RateLimit = RateLimit(perMinute: 60, burst: 30)
    ) {
        self.sends = sends
        self.sendsPerRoom = sendsPerRoom
        self.joins = joins
        self.searches = searches
        self.roomsMade = roomsMade
        self.uploads = uploads
    }

    /// For tools and benchmarks.
    package static let none = RateLimits(
        sends: .none,
        sendsPerRoom: .none,
        joins: .none,
        searches: .none,
        roomsMade: .none,
        uploads: .none
    )
}
