#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A webhook that one instance has for itself for a while, so that its requests are never two at a time.
package struct WebhookClaim: Hashable, Sendable {
    package let target: WebhookTarget
    package let lease: WebhookLease
    /// Nothing but failures since then; nil when the last request did not fail.
    package let failingSince: Date?

    package init(target: WebhookTarget, lease: WebhookLease, failingSince: Date?) {
        self.target = target
        self.lease = lease
        self.failingSince = failingSince
    }

    /// The same once a request was taken: a later failure is the first one again.
    package var afterSuccess: WebhookClaim {
        let target = WebhookTarget(id: target.id, name: target.name, url: target.url, secret: target.secret)
        return WebhookClaim(target: target, lease: lease, failingSince: nil)
    }
}

/// Proves that a webhook is still one's own: whoever takes it over makes another one.
package typealias WebhookLease = Identifier<WebhookClaim>

/// What one request tells: the next changes of one room, as the rows are now.
package struct WebhookBatch: Sendable {
    package let room: Room
    /// Ascending by `changedSeq`.
    package let messages: [Message]
    /// Whoever has the messages has everything of the room up to here.
    package let to: Int64
    /// Of whom the messages speak.
    package let people: [User]

    package init(room: Room, messages: [Message], to: Int64, people: [User]) {
        self.room = room
        self.messages = messages
        self.to = to
        self.people = people
    }

    /// The first `count` changes only.
    package func prefix(_ count: Int) -> WebhookBatch {
        guard count < messages.count, let last = messages.prefix(count).last else { return self }
        return WebhookBatch(room: room, messages: Array(messages.prefix(count)), to: last.changedSeq, people: people)
    }
}

/// What the instances deliver for: asked for with every bell and every sweep.
package struct WebhookWatch: Hashable, Sendable {
    /// The rooms of webhooks that are not dead.
    package let rooms: Set<RoomID>
    /// A webhook is behind, its time has come, and nobody is at it.
    package let isDue: Bool

    package init(rooms: Set<RoomID>, isDue: Bool) {
        self.rooms = rooms
        self.isDue = isDue
    }
}

/// What came of one request.
package struct WebhookAnswer: Hashable, Sendable {
    /// The HTTP status; nil when no answer came.
    package let status: Int64?
    /// Why it failed; nil when the receiver took it.
    package let failure: String?
    /// How long the receiver asks us to wait.
    package let retryAfter: Duration?
    /// From the beginning of the request to the end of the answer.
    package let took: Duration

    package init(status: Int64?, failure: String?, retryAfter: Duration? = nil, took: Duration) {
        self.status = status
        self.failure = failure
        self.retryAfter = retryAfter
        self.took = took
    }

    package var isDelivered: Bool { failure == nil }
    /// The receiver says that it will never be there again.
    package var isGone: Bool { status == 410 }
}
