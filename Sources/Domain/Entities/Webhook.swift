#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A program elsewhere that is told of every durable change of some rooms, in their order, at least once.
package struct Webhook: Hashable, Sendable, Identifiable {
    package let id: WebhookID
    package let name: String
    package let url: String
    /// Nil when the owner of the machine made it.
    package let createdBy: UserID?
    package let createdAt: Date
    /// Sorted by id. Rooms that were removed are not among them any more.
    package let rooms: [RoomID]
    package let state: State
    /// Requests that failed since the last one that did not.
    package let failures: Int64
    /// When the last request was made; nil before the first.
    package let attemptedAt: Date?
    /// The HTTP status of its answer; nil when there was none.
    package let status: Int64?
    /// Why it failed; nil when it did not.
    package let failure: String?
    /// When the next request is due; nil when nothing is to be tried again.
    package let nextAttemptAt: Date?

    package enum State: Hashable, Sendable {
        case active
        /// Nothing but failures since then; it is tried again.
        case failing(since: Date)
        /// Given up; `webhook test` puts it back to work.
        case dead(since: Date)
    }

    package init(
        id: WebhookID,
        name: String,
        url: String,
        createdBy: UserID?,
        createdAt: Date,
        rooms: [RoomID],
        state: State = .active,
        failures: Int64 = 0,
        attemptedAt: Date? = nil,
        status: Int64? = nil,
        failure: String? = nil,
        nextAttemptAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.rooms = rooms
        self.state = state
        self.failures = failures
        self.attemptedAt = attemptedAt
        self.status = status
        self.failure = failure
        self.nextAttemptAt = nextAttemptAt
    }
}

package typealias WebhookID = Identifier<Webhook>

/// A webhook and its secret, which is shown once.
package struct IssuedWebhook: Sendable {
    package let webhook: Webhook
    package let secret: String

    package init(webhook: Webhook, secret: String) {
        self.webhook = webhook
        self.secret = secret
    }
}

/// Where requests of a webhook go, and what signs them.
package struct WebhookTarget: Hashable, Sendable {
    package let id: WebhookID
    package let name: String
    package let url: String
    package let secret: String
    /// How often it failed in a row. A host with several addresses is tried at another one each time.
    package let failures: Int64

    package init(id: WebhookID, name: String, url: String, secret: String, failures: Int64 = 0) {
        self.id = id
        self.name = name
        self.url = url
        self.secret = secret
        self.failures = failures
    }
}
