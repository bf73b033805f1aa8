#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension AuditEntry.Action {
    package static let webhookCreate = Self("webhook.create")
    package static let webhookDelete = Self("webhook.delete")
    /// A dead webhook took a test and works again.
    package static let webhookRevive = Self("webhook.revive")
    /// Given up after nothing but failures.
    package static let webhookDie = Self("webhook.die")
}

/// Makes the requests of webhooks.
package protocol WebhookSending: Sendable {
    /// Sends a signed request that tells of nothing. Never throws: every outcome is an answer.
    func ping(_ target: WebhookTarget) async -> WebhookAnswer
}

/// What a test showed.
package struct WebhookTest: Sendable {
    /// As the webhook was before.
    package let webhook: Webhook
    package let answer: WebhookAnswer

    /// Whether the test put it back to work.
    package var revived: Bool {
        guard case .dead = webhook.state else { return false }
        return answer.isDelivered
    }
}

extension Chat {
    /// Rooms of one webhook, at most.
    package static let webhookRoomsMax = 20
    /// Webhooks of the whole chat, at most: every instance looks after all of them.
    package static let webhooksMax = 200

    /// Makes a webhook for public rooms and those in which the person is; the owner of the machine may name any that is
    /// not direct. It is told of what happens from now on. Its secret is shown here and never again.
    ///
    /// Throws `forbidden`, `invalid` with the field, `notFound` for a room, `conflict`, field `name`, `tooLarge`.
    package func createWebhook(
        name: String? = nil,
        url: String,
        rooms: [RoomID],
        by actor: Actor
    ) async throws -> IssuedWebhook {
        try Operation.createWebhook.authorize(actor)
        let name = try WebhookName(name ?? WebhookName.random()).description
        let url = try WebhookURL(url)
        try policy.webhookNetworks.check(url)
        let rooms = Set(rooms).sorted()
        guard !rooms.isEmpty else {
            throw ChatError.invalid(field: "rooms", message: "A webhook has at least one room.")
        }
        guard rooms.count <= Self.webhookRoomsMax else {
            throw ChatError.tooLarge(field: "rooms", message: "A webhook has at most \(Self.webhookRoomsMax) rooms.")
        }
        guard try await webhooks.list().count < Self.webhooksMax else {
            throw ChatError.tooLarge(field: "webhooks", message: "There are at most \(Self.webhooksMax) webhooks.")
        }
        let now = clock.now
        let webhook = Webhook(
            id: .new(at: now),
            name: name,
            url: url.description,
            createdBy: actor.user?.id,
            createdAt: now,
            rooms: rooms
        )
        let secret = tokens.newToken().secret
        // The host is enough to know whom: a path often is a secret of the receiver's.
        let detail = ["host": url.host, "rooms": rooms.map(\.description).joined(separator: " ")]
        let entry = AuditEntry(.webhookCreate, of: .webhook(webhook.id, name: name), by: actor, at: now, detail: detail)
        try await webhooks.insert(webhook, secret: secret, by: actor, entry: entry)
        return IssuedWebhook(webhook: webhook, secret: secret)
    }

    /// All webhooks by name. For admins and the owner of the machine.
    package func webhooks(by actor: Actor) async throws -> [Webhook] {
        try Operation.listWebhooks.authorize(actor)
        return try await webhooks.list()
    }

    /// Sends a ping now. If it is taken, a webhook that failed or was dead goes on at once. Throws `forbidden`,
    /// `notFound`.
    package func testWebhook(
        _ id: WebhookID,
        with sender: some WebhookSending,
        by actor: Actor
    ) async throws -> WebhookTest {
        try Operation.testWebhook.authorize(actor)
        guard let target = try await webhooks.target(of: id) else { throw ChatError.notFound }
        let answer = await sender.ping(target)
        let entry = AuditEntry(.webhookRevive, of: .webhook(id, name: target.name), by: actor, at: clock.now)
        guard let webhook = try await webhooks.tested(id, answer, entry: entry) else { throw ChatError.notFound }
        return WebhookTest(webhook: webhook, answer: answer)
    }

    /// Removes a webhook: it is told nothing any more. Throws `forbidden`, `notFound`.
    package func deleteWebhook(_ id: WebhookID, by actor: Actor) async throws -> Webhook {
        try Operation.deleteWebhook.authorize(actor)
        let entry = AuditEntry(.webhookDelete, of: .webhook(id), by: actor, at: clock.now)
        guard let webhook = try await webhooks.delete(id, entry: entry) else { throw ChatError.notFound }
        return webhook
    }
}

extension AuditEntry.Subject {
    package static func webhook(_ id: WebhookID, name: String? = nil) -> Self {
        Self(kind: .webhook, id: id.description, name: name)
    }
}
