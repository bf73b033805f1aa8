import Domain

/// Who is writing. News that nobody misses: they are not acknowledged unless asked for, and may be dropped.
struct TypingHandlers: Sendable {
    let typing: Typing

    func register(on router: EventRouter) {
        router.on("typing:set") { (request: RoomRequest, caller) in
            try await typing.set(request.room, by: caller.identity, over: caller.socket)
            return Nothing()
        }
    }
}
