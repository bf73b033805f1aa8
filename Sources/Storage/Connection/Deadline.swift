/// A moment of the monotonic clock at which waiting ends.
typealias Deadline = ContinuousClock.Instant

extension Deadline {
    static func after(_ duration: Duration) -> Deadline { .now + duration }

    /// What is left, in whole milliseconds rounded up, for `poll(2)`; 0 when it has passed.
    var millisecondsLeft: Int32 {
        let left = Deadline.now.duration(to: self)
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        return Int32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    var hasPassed: Bool { Deadline.now >= self }
}
