import Domain

/// How people show themselves.
struct UserHandlers: Sendable {
    let chat: Chat
    let broadcasts: Broadcasts

    func register(on router: EventRouter) {
        router.on("user:update") { (request: UpdateRequest, caller) in
            let user = try await chat.setDisplayName(request.display_name, by: caller.identity)
            broadcasts.updated(user)
            return UserAnswer(user)
        }
    }
}

private struct UpdateRequest: Decodable, Sendable {
    var display_name: String
}
