import Domain

/// Finds people, rooms and webhooks by what a person types: `alice`, `@alice`, `#general`, or an id.
enum Lookup {
    static func user(_ typed: String, in chat: Chat) async throws -> User {
        let name = typed.hasPrefix("@") ? String(typed.dropFirst()) : typed
        let users = try await chat.users(by: Servers.actor)
        if let id = UserID(name), let user = users.first(where: { $0.id == id }) { return user }
        guard let user = users.first(where: { $0.name == name.lowercased() }) else {
            throw Naming.notFound(typed, as: "user", known: users.map(\.name))
        }
        return user
    }

    static func room(_ typed: String, in chat: Chat) async throws -> Room {
        let name = typed.hasPrefix("#") ? String(typed.dropFirst()) : typed
        let rooms = try await chat.rooms(by: Servers.actor).map(\.room)
        if let id = RoomID(name), let room = rooms.first(where: { $0.id == id }) { return room }
        guard let room = rooms.first(where: { $0.name == name.lowercased() }) else {
            throw Naming.notFound(typed, as: "room", known: rooms.compactMap(\.name))
        }
        return room
    }

    static func rooms(_ typed: [String], in chat: Chat) async throws -> [Room] {
        var rooms: [Room] = []
        for name in typed { rooms.append(try await room(name, in: chat)) }
        return rooms
    }

    static func users(_ typed: [String], in chat: Chat) async throws -> [User] {
        var users: [User] = []
        for name in typed { users.append(try await user(name, in: chat)) }
        return users
    }

    static func webhook(_ typed: String, in chat: Chat) async throws -> Webhook {
        let webhooks = try await chat.webhooks(by: Servers.actor)
        if let id = WebhookID(typed), let webhook = webhooks.first(where: { $0.id == id }) { return webhook }
        guard let webhook = webhooks.first(where: { $0.name == typed.lowercased() }) else {
            throw Naming.notFound(typed, as: "webhook", known: webhooks.map(\.name))
        }
        return webhook
    }
}
