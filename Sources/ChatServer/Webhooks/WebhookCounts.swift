import Synchronization

/// What this instance's deliveries came to since its start.
final class WebhookCounts: Sendable {
    struct Values: Sendable, Equatable {
        /// Changes that receivers took.
        var delivered = 0
        /// Requests that failed.
        var failed = 0
        /// Webhooks that were given up.
        var dead = 0
    }

    private let values = Mutex(Values())

    var current: Values { values.withLock { $0 } }

    func add(delivered: Int = 0, failed: Int = 0, dead: Int = 0) {
        values.withLock { values in
            values.delivered += delivered
            values.failed += failed
            values.dead += dead
        }
    }
}
