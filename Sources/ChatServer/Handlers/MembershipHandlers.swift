import Domain
import Foundation
import Views

/// Who is in a room and what they may do there.
struct MembershipHandlers: Sendable {
    let chat: Chat
    let markers: ReadMarkers
    let presence: Presence
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("room:join") { (request: RoomRequest, caller) in
            let receipt = try await chat.join(request.room, by: caller.identity)
            broadcasts.joined(receipt)
            return RoomAnswer(receipt.summary)
        }
        router.on("room:leave") { (request: RoomRequest, caller) in
            await markers.settle(request.room, of: caller.identity.user.id)
            if let entry = try await chat.leave(request.room, by: caller.identity) { broadcasts.entered([entry]) }
            return Nothing()
        }
        router.on("room:members") { (request: RoomRequest, caller) in
            let members = try await chat.members(of: request.room, by: caller.identity)
            let shown = members.prefix(PresenceHandlers.watchedMax).map(\.user.id)
            return MembersView(members, await presence.states(of: shown))
        }
        router.on("room:invite") { (request: InviteRequest, caller) in
            let receipt = try await chat.invite(request.users, to: request.room, by: .person(caller.identity))
            broadcasts.entered(receipt.entries)
            return RoomAnswer(receipt.summary)
        }
        router.on("room:kick") { (request: KickRequest, caller) in
            let actor = Actor.person(caller.identity)
            let entry = try await chat.kick(request.user, from: request.room, reason: request.reason, by: actor)
            broadcasts.entered([entry])
            return Nothing()
        }
        router.on("room:role") { (request: RoleRequest, caller) in
            let actor = Actor.person(caller.identity)
            broadcasts.changed(try await chat.setRole(request.role, of: request.user, in: request.room, by: actor))
            return Nothing()
        }
        router.on("room:mute") { (request: MuteRequest, caller) in
            let actor = Actor.person(caller.identity)
            broadcasts.changed(try await chat.mute(request.user, in: request.room, until: request.until, by: actor))
            return Nothing()
        }
        router.on("room:notify") { (request: NotifyRequest, caller) in
            RoomAnswer(try await chat.setNotifyLevel(request.level, in: request.room, by: caller.identity))
        }
    }
}

private struct InviteRequest: Decodable, Sendable {
    var room: RoomID
    var users: [UserID]
}

private struct KickRequest: Decodable, Sendable {
    var room: RoomID
    var user: UserID
    var reason: String?
}

private struct RoleRequest: Decodable, Sendable {
    var room: RoomID
    var user: UserID
    var role: RoomRole
}

private struct MuteRequest: Decodable, Sendable {
    var room: RoomID
    var user: UserID
    var until: Date?
}

private struct NotifyRequest: Decodable, Sendable {
    var room: RoomID
    var level: NotifyLevel
}

struct MembersView: Encodable, Sendable {
    var members: [MemberView]
    /// Of the first people; absent when Redis does not answer.
    var presence: [String: PresenceState]?

    init(_ members: [Member], _ states: [UserID: PresenceState]) {
        self.members = members.map(MemberView.init)
        presence = states.values.contains(.unknown) ? nil : states.mapKeysToText()
    }
}
