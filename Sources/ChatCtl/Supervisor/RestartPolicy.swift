/// When something that ended by itself is started again, and when to stop trying.
struct RestartPolicy: Sendable, Equatable {
    enum Decision: Equatable {
        case restart(after: Duration)
        case giveUp(failures: Int)
    }

    /// The wait before the first new start; it doubles with each failure in a row.
    var firstDelay: Duration = .milliseconds(250)
    var longestDelay: Duration = .seconds(15)
    /// So many failures in a row are a crash loop.
    var failuresMax = 6
    /// Whoever ran that long has recovered, and counts from zero again.
    var stableAfter: Duration = .seconds(60)

    private(set) var failures = 0

    /// Takes note of an end after `duration` of running and says what to do.
    mutating func ended(after duration: Duration) -> Decision {
        if duration >= stableAfter { failures = 0 }
        failures += 1
        guard failures < failuresMax else { return .giveUp(failures: failures) }
        var delay = firstDelay
        for _ in 1..<failures where delay < longestDelay { delay *= 2 }
        return .restart(after: min(delay, longestDelay))
    }
}
