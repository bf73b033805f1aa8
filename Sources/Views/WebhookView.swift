package import Domain

/// A webhook, without its secret.
package struct WebhookView: Encodable, Sendable {
    package var id: String
    package var name: String
    package var url: String
    package var rooms: [String]
    package var state: String
    package var since: String?
    package var failures: Int64
    package var status: Int64?
    package var failure: String?
    package var attempted_at: String?
    package var next_attempt_at: String?
    package var created_by: String?
    package var created_at: String

    package init(_ webhook: Webhook) {
        id = webhook.id.description
        name = webhook.name
        url = webhook.url
        rooms = webhook.rooms.map(\.description)
        switch webhook.state {
        case .active: (state, since) = ("active", nil)
        case .failing(let date): (state, since) = ("failing", WireTime.format(date))
        case .dead(let date): (state, since) = ("dead", WireTime.format(date))
        }
        failures = webhook.failures
        status = webhook.status
        failure = webhook.failure
        attempted_at = webhook.attemptedAt.map(WireTime.format)
        next_attempt_at = webhook.nextAttemptAt.map(WireTime.format)
        created_by = webhook.createdBy?.description
        created_at = WireTime.format(webhook.createdAt)
    }
}
