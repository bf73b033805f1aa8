package import Foundation
package import Logging

/// A place where an instance can be found by others.
package protocol InstanceAnnouncing: Sendable {
    /// Writes the record, or writes it again so that it stays.
    func announce(_ record: InstanceRecord) async throws
    /// Takes the instance out.
    func remove(_ id: String) async throws
}

/// Keeps an instance's record in a registry for as long as the instance runs.
package struct InstanceLease: Sendable {
    private let registry: any InstanceAnnouncing
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    private let logger: Logger
    private let snapshot: @Sendable () async -> InstanceRecord

    /// - Parameters:
    ///   - interval: How often the record is renewed; well below `InstanceRegistry.lease`.
    ///   - snapshot: The record as it is now. Its `lastSeen` is set here.
    package init(
        registry: any InstanceAnnouncing,
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
    /// A registry that does not answer is tried again at the next interval: the lease is for others to see, the
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
