package import Domain
package import Foundation
import Views

/// What a request says, as JSON: `{"webhook", "room", "events", "people"}`.
///
/// Rooms, messages and people are those of events and of REST.
struct WebhookBody: Encodable {
    var webhook: String
    var room: RoomView?
    var events: [Event]
    var people: [UserView]

    struct Event: Encodable {
        var id: String
        var event: String
        var data: MessageView?
    }
}

/// A request that is ready to be signed and sent.
package struct WebhookRequest: Sendable {
    /// Changes in one request, at most. While a receiver is busy more of them gather, so it catches up by itself.
    package static let changesMax = 100
    /// Larger bodies are cut to fewer changes, but never to none.
    package static let bodyBytesMax = 256 * 1024

    package let body: [UInt8]
    /// The id of the last event in it.
    package let eventID: String
    package let eventCount: Int
    /// Where the receiver stands in the room once it has taken this; nil for a ping.
    package let position: Int64?

    /// The next changes of a room.
    package static func changes(_ batch: WebhookBatch, for webhook: WebhookID) throws -> WebhookRequest {
        var batch = batch
        while true {
            let request = try WebhookRequest(batch, for: webhook)
            if request.body.count <= bodyBytesMax || batch.messages.count <= 1 { return request }
            batch = batch.prefix(batch.messages.count / 2)
        }
    }

    /// Tells of nothing, and shows whether the receiver takes what is signed with the secret.
    package static func ping(_ webhook: WebhookID, at date: Date = Date()) throws -> WebhookRequest {
        let id = "ping:\(WebhookID.new(at: date))"
        let event = WebhookBody.Event(id: id, event: "ping", data: nil)
        let body = WebhookBody(webhook: webhook.description, room: nil, events: [event], people: [])
        return WebhookRequest(body: try encode(body), eventID: id, eventCount: 1, position: nil)
    }

    private init(_ batch: WebhookBatch, for webhook: WebhookID) throws {
        let events = batch.messages.map { message in
            WebhookBody.Event(id: Self.id(of: message), event: Self.event(of: message), data: MessageView(message))
        }
        let body = WebhookBody(
            webhook: webhook.description,
            room: RoomView(public: batch.room),
            events: events,
            people: batch.people.map(UserView.init)
        )
        self.init(
            body: try Self.encode(body),
            eventID: "\(batch.room.id):\(batch.to)",
            eventCount: events.count,
            position: batch.to
        )
    }

    private init(body: [UInt8], eventID: String, eventCount: Int, position: Int64?) {
        self.body = body
        self.eventID = eventID
        self.eventCount = eventCount
        self.position = position
    }

    /// A change's own name: a room never gives a number twice.
    private static func id(of message: Message) -> String { "\(message.room):\(message.changedSeq)" }

    private static func event(of message: Message) -> String {
        if message.deletedAt != nil { return "message:deleted" }
        return message.changedSeq == message.seq ? "message:created" : "message:updated"
    }

    private static func encode(_ body: WebhookBody) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return Array(try encoder.encode(body))
    }
}
