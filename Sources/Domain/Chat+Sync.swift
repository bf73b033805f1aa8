extension Chat {
    /// Rows of one room in one answer when the client does not say.
    package static let changesLimitDefault = 200
    /// Rows of one room in one answer, at most.
    package static let changesLimitMax = 500
    /// Messages that a client gets of a room in which it is too far behind.
    package static let resetMessages = 50
    /// Rooms that a client may name in one `sync`.
    package static let roomsPerSyncMax = 1_000
    /// People in one answer of `sync`.
    package static let peoplePerSyncMax = 500

    /// What changed in a room of the person after `since`. Throws `notFound`.
    package func changes(
        in room: RoomID,
        since: Int64,
        limit: Int = changesLimitDefault,
        by identity: Identity
    ) async throws -> RoomChanges {
        try Operation.syncRoom.authorize(identity)
        let position = RoomPosition(room: room, have: max(0, since))
        guard let changes = try await changes(since: [position], limit: limit, for: identity.user.id).first else {
            throw ChatError.notFound
        }
        return changes
    }

    /// Everything a client needs after it connected: its rooms, and what it lacks of those that it knows and of the
    /// one it shows. Rooms that are up to date, and rooms that the person may not see, are not among the changes.
    ///
    /// Throws `tooLarge`, field `rooms`, when more than 1,000 rooms are named.
    package func sync(
        have: [RoomID: Int64],
        active: RoomID? = nil,
        limit: Int = changesLimitDefault,
        by identity: Identity
    ) async throws -> SyncAnswer {
        try Operation.syncSession.authorize(identity)
        guard have.count <= Self.roomsPerSyncMax else {
            throw ChatError.tooLarge(field: "rooms", message: "Name at most \(Self.roomsPerSyncMax) rooms.")
        }
        let me = identity.user.id
        let summaries = try await rooms.list(for: me)
        var positions = summaries.compactMap { summary in
            have[summary.id].map { RoomPosition(room: summary.id, have: max(0, $0)) }
        }
        if let active, have[active] == nil {
            positions.append(RoomPosition(room: active, have: 0, unknown: true))
        }
        // A room that moved after the list was read must not be left out, so the positions are all asked for.
        let changes = try await changes(since: positions, limit: limit, for: me)
            .filter { $0.reset || $0.to > $0.from }
        let authors = Set(changes.flatMap { $0.messages.compactMap(\.author) }).union([me])
        let people = try await messages.people(for: me, authors: Array(authors), limit: Self.peoplePerSyncMax)
        return SyncAnswer(
            rooms: summaries,
            people: people,
            changes: changes,
            me: people.first { $0.id == me } ?? identity.user
        )
    }

    private func changes(
        since positions: [RoomPosition],
        limit: Int,
        for user: UserID
    ) async throws -> [RoomChanges] {
        guard !positions.isEmpty else { return [] }
        return try await messages.changes(
            since: positions,
            limit: min(max(limit, 1), Self.changesLimitMax),
            resetLimit: Self.resetMessages,
            for: user
        )
    }
}
