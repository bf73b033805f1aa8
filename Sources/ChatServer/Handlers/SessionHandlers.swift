import Domain
import Views

/// How state enters a client: what it has is compared with what there is.
struct SessionHandlers: Sendable {
    let chat: Chat
    let sequencer: RoomSequencer

    func register(on router: EventRouter) {
        router.on("session:sync") { (request: SyncRequest, caller) in
            let have = Dictionary(
                (request.rooms ?? [:]).compactMap { id, seq in RoomID(id).map { ($0, seq) } },
                uniquingKeysWith: min
            )
            let answer = try await chat.sync(
                have: have,
                active: request.active,
                limit: request.limit ?? Chat.changesLimitDefault,
                by: caller.identity
            )
            // Mostly the socket hears them all; the news of a join that another instance took may have been lost.
            for room in answer.rooms where room.joined {
                _ = sequencer.join(caller.socket, room.id, of: caller.identity.user.id, asOf: room.room.lastSeq)
            }
            return SyncView(answer)
        }
        router.on("room:sync") { (request: RoomSyncRequest, caller) in
            ChangesView(
                try await chat.changes(
                    in: request.room,
                    since: request.since,
                    limit: request.limit ?? Chat.changesLimitDefault,
                    by: caller.identity
                )
            )
        }
        router.on("user:list") { (_: Nothing, caller) in
            PeopleView(users: try await chat.users(by: .person(caller.identity)).map(UserView.init))
        }
    }
}

private struct SyncRequest: Decodable, Sendable {
    var rooms: [String: Int64]?
    var active: RoomID?
    var limit: Int?
}

private struct RoomSyncRequest: Decodable, Sendable {
    var room: RoomID
    var since: Int64
    var limit: Int?
}

struct PeopleView: Encodable, Sendable {
    var users: [UserView]
}
