import Domain
import SocketIO

/// Saying how one is, and watching how others are.
struct PresenceHandlers: Sendable {
    /// People that one socket watches.
    static let watchedMax = 200

    let chat: Chat
    let presence: Presence

    func register(on router: EventRouter) {
        router.on("presence:set") { (request: StateRequest, caller) in
            guard request.state == .online || request.state == .away else {
                throw ChatError.invalid(field: "state", message: "A person is online or away.")
            }
            presence.set(request.state, of: caller.identity.user.id, on: caller.socket)
            return Nothing()
        }
        router.on("presence:watch") { (request: WatchRequest, caller) in
            guard request.users.count <= Self.watchedMax else {
                throw ChatError.tooLarge(field: "users", message: "Watch at most \(Self.watchedMax) people.")
            }
            let users = try await chat.acquainted(request.users, by: caller.identity)
            let wanted = Set(users.map { SocketIO.Room.watchers(of: $0) })
            let watched = caller.socket.rooms.filter { $0.name.hasPrefix("p:") }
            // Watched first, asked then: a change in between is heard.
            for room in watched.subtracting(wanted) { caller.socket.leave(room) }
            caller.socket.join(Array(wanted))
            return WatchView(presence: await presence.states(of: users).mapKeysToText())
        }
    }
}

private struct StateRequest: Decodable, Sendable {
    var state: PresenceState
}

private struct WatchRequest: Decodable, Sendable {
    var users: [UserID]
}

private struct WatchView: Encodable, Sendable {
    var presence: [String: PresenceState]
}

extension [UserID: PresenceState] {
    func mapKeysToText() -> [String: PresenceState] {
        Dictionary<String, PresenceState>(uniqueKeysWithValues: map { ($0.key.description, $0.value) })
    }
}
