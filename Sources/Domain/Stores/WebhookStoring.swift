#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where webhooks are kept.
package protocol WebhookStoring: Sendable {
    /// Stores a webhook, which is told of what happens in its rooms from now on.
    ///
    /// Throws `notFound` when one of its rooms is not there for the person who makes it or is direct, and `conflict`,
    /// field `name`.
    func insert(_ webhook: Webhook, secret: String, by actor: Actor, entry: AuditEntry) async throws
    /// All of them by name.
    func list() async throws -> [Webhook]
    /// Where requests of this webhook go; nil when there is none.
    func target(of id: WebhookID) async throws -> WebhookTarget?
    /// Writes down what came of a test. One that was taken has the webhook go on at once; `entry` is kept when it was
    /// dead. Gives the webhook as it was before; nil when it is gone.
    func tested(_ id: WebhookID, _ answer: WebhookAnswer, entry: AuditEntry) async throws -> Webhook?
    /// Removes a webhook; nil when there is none.
    func delete(_ id: WebhookID, entry: AuditEntry) async throws -> Webhook?
}

/// What instances ask in order to deliver.
package protocol WebhookQueueing: Sendable {
    /// What there is to do at `date`.
    func watch(at date: Date) async throws -> WebhookWatch
    /// Takes webhooks that are due, at most `limit`, for oneself until a time. A lease that ended is another's no more.
    func claim(atMost limit: Int, until end: Date, at date: Date) async throws -> [WebhookClaim]
    /// The next changes for a webhook, of the first of its rooms after `last` that has some, in turn; nil when it was
    /// told of everything.
    func next(of id: WebhookID, after last: RoomID?, limit: Int) async throws -> WebhookBatch?
    /// Writes down that the receiver took everything of a room up to `seq`, and keeps the webhook until `end`. False
    /// when it is not one's own any more.
    func delivered(
        _ claim: WebhookClaim,
        _ room: RoomID,
        upTo seq: Int64,
        _ answer: WebhookAnswer,
        until end: Date,
        at date: Date
    ) async throws -> Bool
    /// Writes down a failure and what follows from it, and gives the webhook back. `entry` is kept when it is dead now.
    /// False when it is not one's own any more.
    func failed(
        _ claim: WebhookClaim,
        _ answer: WebhookAnswer,
        _ verdict: WebhookRetries.Verdict,
        entry: AuditEntry
    ) async throws -> Bool
    /// Gives a webhook back.
    func release(_ claim: WebhookClaim) async throws
}
