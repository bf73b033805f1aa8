extension Chat {
    /// Makes a public or a private room. A person who makes one is its first member and its owner; `members` are added.
    ///
    /// Throws `invalid` or `conflict` with the field, `tooLarge` for more than 100 members, and `notFound` when one of
    /// them does not exist.
    package func createRoom(
        name: String,
        topic: String = "",
        kind: Room.Kind = .public,
        members: [UserID] = [],
        by actor: Actor
    ) async throws -> RoomReceipt {
        try Operation.createRoom.authorize(actor)
        if let user = actor.user { try limiter.count(.makeRoom, by: user.id) }
        guard kind != .direct else {
            throw ChatError.invalid(field: "kind", message: "A room is public or private.")
        }
        try Self.requireFew(members, field: "members")
        return try await rooms.insert(
            newRoom(kind: kind, name: name, topic: topic, isDefault: false),
            members: members.filter { $0 != actor.user?.id },
            by: actor
        )
    }

    /// Changes the name, the topic, whether everybody who comes joins the room, or whether the room keeps what edited
    /// messages said before; a room that shall keep it no longer forgets what it has. Throws `invalid`, `conflict`,
    /// `notFound`, `forbidden`.
    package func updateRoom(
        _ id: RoomID,
        name: String? = nil,
        topic: String? = nil,
        isDefault: Bool? = nil,
        keepsVersions: Bool? = nil,
        by actor: Actor
    ) async throws -> RoomReceipt {
        try Operation.updateRoom.authorize(actor)
        let change = try RoomChange(
            name: name.map(RoomName.init),
            topic: topic.map(Topic.init),
            isDefault: isDefault,
            keepsVersions: keepsVersions
        )
        return try await rooms.update(id, change, by: actor, at: clock.now)
    }

    /// Closes a room: it can be read, but nothing is added. Once is enough. Throws `notFound`, `forbidden`.
    package func archive(_ id: RoomID, by actor: Actor) async throws -> RoomReceipt {
        try Operation.archiveRoom.authorize(actor)
        return try await rooms.archive(id, true, by: actor, at: clock.now)
    }

    /// Opens a closed room again. Throws `notFound`, `forbidden`.
    package func restore(_ id: RoomID, by actor: Actor) async throws -> RoomReceipt {
        try Operation.restoreRoom.authorize(actor)
        return try await rooms.archive(id, false, by: actor, at: clock.now)
    }

    /// The public room of this name that every new account joins; made when there is none.
    package func ensureDefaultRoom(name: String) async throws -> Room {
        try await rooms.ensure(newRoom(kind: .public, name: name, topic: "", isDefault: true))
    }

    /// All public rooms and the person's own other rooms; for the owner of the machine every room that is not direct.
    package func rooms(by actor: Actor) async throws -> [RoomSummary] {
        try Operation.listRooms.authorize(actor)
        return switch actor {
        case .person(let identity): try await rooms.list(for: identity.user.id)
        case .system: try await rooms.listAll()
        }
    }

    /// One room of the person, or a public one. Throws `notFound`.
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

    private func newRoom(kind: Room.Kind, name: String, topic: String, isDefault: Bool) throws -> NewRoom {
        let now = clock.now
        return try NewRoom(
            id: .new(at: now),
            kind: kind,
            name: RoomName(name),
            topic: Topic(topic),
            isDefault: isDefault,
            createdAt: now
        )
    }
}
