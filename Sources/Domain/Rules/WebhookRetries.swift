#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// When a webhook that failed is tried again, and when no more.
package struct WebhookRetries: Sendable {
    /// The wait after the first failure; it doubles with each further one.
    package static let waitMin = Duration.seconds(2)
    package static let waitMax = Duration.seconds(600)
    /// A receiver may ask for more, up to this.
    package static let retryAfterMax = Duration.seconds(3600)
    /// Given up after this long of nothing but failures,
    package static let patienceSeconds: TimeInterval = 86_400
    /// and after as many of them: a chat that was switched off for a day did not try for a day.
    package static let failuresMin: Int64 = 20

    package enum Verdict: Hashable, Sendable {
        case again(at: Date)
        case dead
    }

    /// - Parameters:
    ///   - failures: In a row, this one included.
    ///   - since: When the first of them was.
    ///   - jitter: From 0 to 1, so that webhooks that failed together are not tried together.
    package static func verdict(
        on answer: WebhookAnswer,
        failures: Int64,
        since: Date,
        at now: Date,
        jitter: Double = .random(in: 0...1)
    ) -> Verdict {
        if answer.isGone { return .dead }
        if failures >= failuresMin, now.timeIntervalSince(since) >= patienceSeconds { return .dead }
        let doublings = min(max(failures - 1, 0), 20)
        let wait = min(waitMin * Double(1 << doublings), waitMax)
        // Between half and the whole of it.
        let spread = wait * (0.5 + jitter / 2)
        let asked = min(answer.retryAfter ?? .zero, retryAfterMax)
        return .again(at: now.addingTimeInterval(max(spread, asked) / .seconds(1)).wholeMilliseconds)
    }
}
