extension Chat {
    /// Makes a public room. A person who makes one is its first member and its owner. Throws `invalid` or `conflict`
    /// with the field.
    package func createRoom(name: String, topic: String = "", by actor: Actor) async throws -> RoomSummary {
        try Operation.createRoom.authorize(actor)
        return try await rooms.insert(newRoom(name: name, topic: topic, isDefault: false), owner: actor.user?.id)
    }

    /// The public room of this name that every new account joins; made when there is none.
    package func ensureDefaultRoom(name: String) async throws -> Room {
        try await rooms.ensure(newRoom(name: name, topic: "", isDefault: true))
    }

    /// All public rooms and the person's own other rooms; for the owner of the machine every room that is not direct.
    package func rooms(by actor: Actor) async throws -> [RoomSummary] {
        try Operation.listRooms.authorize(actor)
        return switch actor {
        case .person(let identity): try await rooms.list(for: identity.user.id)
        case .system: try await rooms.listAll()
        }
    }

    /// One room of the person. Throws `notFound`.
    package func room(_ id: RoomID, by identity: Identity) async throws -> RoomSummary {
        try Operation.showRoom.authorize(identity)
        guard let summary = try await rooms.find(id, for: identity.user.id) else { throw ChatError.notFound }
        return summary
    }

    /// The people of a room of the person. Throws `notFound`.
    package func members(of id: RoomID, by identity: Identity) async throws -> [Member] {
        try Operation.listMembers.authorize(identity)
        guard let members = try await rooms.members(of: id, for: identity.user.id) else { throw ChatError.notFound }
        return members
    }

    /// Joins a public room; once is enough. Throws `notFound` or `archived`.
    package func join(_ id: RoomID, by identity: Identity) async throws -> JoinReceipt {
        try Operation.joinRoom.authorize(identity)
        return try await rooms.join(id, user: identity.user.id, at: clock.now)
    }

    /// Leaves a room and returns the entry of its sequence; nil when the person was no member. Throws `notFound`, and
    /// `forbidden` for a direct room.
    package func leave(_ id: RoomID, by identity: Identity) async throws -> Message? {
        try Operation.leaveRoom.authorize(identity)
        return try await rooms.leave(id, user: identity.user.id, at: clock.now)
    }

    private func newRoom(name: String, topic: String, isDefault: Bool) throws -> NewRoom {
        let now = clock.now
        return try NewRoom(
            id: .new(at: now),
            kind: .public,
            name: RoomName(name),
            topic: Topic(topic),
            isDefault: isDefault,
            createdAt: now
        )
    }
}
