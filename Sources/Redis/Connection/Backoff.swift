/// The pauses between attempts to connect: doubling, with jitter, so that a fleet does not return all at once.
struct Backoff {
    static let first = Duration.milliseconds(50)
    static let longest = Duration.seconds(3)

    private var attempts = 0

    /// The pause before the next attempt, between half and all of the doubled one.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let full = min(Self.first * (1 << min(attempts, 16)), Self.longest)
        attempts += 1
        return full * Double.random(in: 0.5...1, using: &generator)
    }

    /// Starts again with the short pauses, after a connection that worked.
    mutating func reset() { attempts = 0 }
}
