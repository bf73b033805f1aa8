import Domain

/// How far a person has read, the same on all of their devices.
struct ReadingHandlers: Sendable {
    let chat: Chat
    let markers: ReadMarkers
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("read:set") { (request: ReadRequest, caller) in
            let view = ReadView(try await markers.set(request.room, upTo: request.seq, by: caller.identity))
            broadcasts.read(view, by: caller.identity.user.id)
            return view
        }
        router.on("read:unset") { (request: ReadRequest, caller) in
            await markers.settle(request.room, of: caller.identity.user.id)
            let view = ReadView(
                try await chat.markUnread(request.room, from: request.seq, by: caller.identity),
                forced: true
            )
            broadcasts.read(view, by: caller.identity.user.id)
            return view
        }
    }
}

private struct ReadRequest: Decodable, Sendable {
    var room: RoomID
    var seq: Int64
}
