import Domain
import Foundation
import Logging
import Synchronization
import Webhooks

/// Tells webhooks what changed in their rooms.
///
/// A room's log is the queue, and PostgreSQL keeps the place of each webhook in it: nothing is in memory that could be
/// lost. An instance takes a webhook that is behind for itself (`WebhookClaim`), sends what it lacks, one request after
/// the other, and moves the place on with each that was taken. If it dies, its lease ends and another instance sends the
/// last request once more: at least once, and in the room's order.
///
/// The bell is for speed alone. What rings nowhere, such as a message from `chatctl`, is found by the sweep.
struct WebhookDelivery: Sendable {
    /// Time between two sweeps.
    static let sweepInterval = Duration.seconds(2)
    /// The shortest time between two looks, however much is said in rooms with webhooks.
    static let lookPause = Duration.milliseconds(20)
    /// Webhooks that this instance delivers for at the same time.
    static let claimsMax = 8
    /// How long a webhook is one's own after each step: as long as a request and the calls to the database around it may
    /// take at worst. So much later is it taken over from an instance that died.
    static let leaseSeconds: TimeInterval = 30
    /// Requests of one webhook in one go; then others that wait have their turn.
    static let requestsMax = 50

    let queue: any WebhookQueueing
    let connections: WebhookConnections
    let bell: WebhookBell
    let counts: WebhookCounts
    /// In whose name a webhook is given up.
    let actor: Actor
    var clock: any Clock<Duration> = ContinuousClock()
    var wallClock: any WallClock = SystemWallClock()
    let logger: Logger

    /// Delivers until the task is cancelled.
    func run() async {
        let free = FreeClaims()
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    bell.ring()
                    try? await clock.sleep(for: Self.sweepInterval)
                    await connections.closeIdle()
                }
            }
            for await _ in bell.rings {
                for claim in await take(atMost: free.count) {
                    free.take()
                    group.addTask {
                        await deliver(claim)
                        free.giveBack()
                        // What was committed since it was told of everything rang in vain: the webhook was taken.
                        bell.ring()
                    }
                }
                try? await clock.sleep(for: Self.lookPause)
            }
        }
        await connections.closeAll()
    }

    /// Takes webhooks that are due. Most looks find none, and then nothing is written.
    func take(atMost limit: Int) async -> [WebhookClaim] {
        do {
            let now = wallClock.now
            let watch = try await queue.watch(at: now)
            bell.watch(watch.rooms)
            guard watch.isDue, limit > 0 else { return [] }
            return try await queue.claim(atMost: limit, until: leaseEnd, at: now)
        } catch {
            // The database is away; it has everything when it is back.
            logger.debug("webhooks could not be looked for", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// Tells a webhook what it lacks, until it has everything or fails, and gives it back.
    func deliver(_ claim: WebhookClaim) async {
        let connection = await connections.take(claim.target.id)
        do {
            var claim = claim
            var room: RoomID?
            for _ in 0..<Self.requestsMax {
                guard let batch = try await queue.next(of: claim.target.id, after: room, limit: Self.changesMax),
                    try await send(batch, for: claim, through: connection)
                else { break }
                claim = claim.afterSuccess
                room = batch.room.id
            }
            try await queue.release(claim)
        } catch {
            // Its lease ends, and whoever takes it then begins where the database says.
            logger.debug(
                "a webhook was not delivered to its end",
                metadata: ["webhook": "\(claim.target.name)", "error": "\(error)"]
            )
        }
        await connections.giveBack(connection, to: claim.target.id)
    }

    private static let changesMax = WebhookRequest.changesMax

    /// Whether there may be more to send.
    private func send(
        _ batch: WebhookBatch,
        for claim: WebhookClaim,
        through connection: WebhookConnection
    ) async throws -> Bool {
        let request = try WebhookRequest.changes(batch, for: claim.target.id)
        let answer = await connection.send(request, to: claim.target)
        if answer.isDelivered {
            counts.add(delivered: request.eventCount)
            let now = wallClock.now
            return try await queue.delivered(
                claim,
                batch.room.id,
                upTo: request.position ?? batch.to,
                answer,
                until: leaseEnd,
                at: now
            )
        }
        // Stopped by us, which says nothing of the receiver.
        if !Task.isCancelled { try await fail(claim, answer) }
        return false
    }

    private func fail(_ claim: WebhookClaim, _ answer: WebhookAnswer) async throws {
        counts.add(failed: 1)
        let now = wallClock.now
        let verdict = WebhookRetries.verdict(
            on: answer,
            failures: claim.target.failures + 1,
            since: claim.failingSince ?? now,
            at: now
        )
        let detail = ["failure": answer.failure ?? ""]
        let subject = AuditEntry.Subject.webhook(claim.target.id, name: claim.target.name)
        let entry = AuditEntry(.webhookDie, of: subject, by: actor, at: now, detail: detail)
        guard try await queue.failed(claim, answer, verdict, entry: entry) else { return }
        let metadata: Logger.Metadata = [
            "webhook": "\(claim.target.name)", "failure": "\(answer.failure ?? "")",
        ]
        switch verdict {
        case .again: logger.info("a webhook failed and is tried again", metadata: metadata)
        case .dead:
            counts.add(dead: 1)
            logger.warning("a webhook is dead; `chatctl webhook test` revives it", metadata: metadata)
        }
    }

    private var leaseEnd: Date { wallClock.now.addingTimeInterval(Self.leaseSeconds) }
}

/// How many more webhooks this instance may take.
private final class FreeClaims: Sendable {
    private let free = Mutex(WebhookDelivery.claimsMax)

    var count: Int { free.withLock { $0 } }
    func take() { free.withLock { $0 -= 1 } }
    func giveBack() { free.withLock { $0 += 1 } }
}
