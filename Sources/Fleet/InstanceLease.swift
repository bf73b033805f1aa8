package import Foundation
package import Logging

/// Keeps an instance's record in the registry for as long as the instance runs.
package struct InstanceLease: Sendable {
    private let registry: InstanceRegistry
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let snapshot: @Sendable () async -> InstanceRecord

    /// - Parameters:
    ///   - interval: How often the record is renewed; well below `InstanceRegistry.lease`.
    ///   - snapshot: The record as it is now. Its `lastSeen` is set here.
    package init(
        registry: InstanceRegistry,
        interval: Duration = .seconds(5),
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger = Logger(label: "fleet"),
        snapshot: @escaping @Sendable () async -> InstanceRecord
    ) {
        self.registry = registry
        self.interval = interval
        self.clock = clock
        self.now = now
        self.logger = logger
        self.snapshot = snapshot
    }

    /// Announces the instance at once and then at each interval, until the task is cancelled; then removes it.
    ///
    /// A Redis that does not answer is tried again at the next interval: the lease is for others to see, the
    /// instance itself does not depend on it.
    package func run() async {
        var id: String?
        while !Task.isCancelled {
            var record = await snapshot()
            record.lastSeen = now()
            id = record.id
            do {
                try await registry.announce(record)
            } catch {
                logger.debug("cannot announce the instance", metadata: ["error": "\(error)"])
            }
            try? await clock.sleep(for: interval)
        }
        guard let id else { return }
        // This task is cancelled, so a command would be given up at once; the removal needs a task that is not.
        await Task { try? await registry.remove(id) }.value
    }
}
