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
    package static let peoplePerSyncMax = 200

    // What the parts of an answer weigh at most, in bytes of JSON: together less than 200 kB, which a phone on a slow
    // line takes in two seconds, however long it was away.
    package static let syncRoomBytesMax = 80_000
    package static let syncPeopleBytesMax = 20_000
    package static let syncChangesBytesMax = 70_000
    /// The changes of one room, when a client asks for those alone.
    package static let roomChangesBytesMax = 180_000
    /// Rooms whose changes are read in one statement.
    static let roomsPerReadMax = 25

    /// What changed in a room of the person after `since`. Throws `notFound`.
    package func changes(
        in room: RoomID,
        since: Int64,
        limit: Int = changesLimitDefault,
        by identity: Identity
    ) async throws -> RoomChanges {
        try Operation.syncRoom.authorize(identity)
        var position = RoomPosition(room: room, have: max(0, since))
        guard let changes = try await changes(since: [position], limit: limit, for: identity.user.id).first else {
            throw ChatError.notFound
        }
        guard changes.bytes > Self.roomChangesBytesMax else { return changes }
        if !changes.reset {
            position = RoomPosition(room: room, have: position.have, unknown: true)
            guard let latest = try await self.changes(since: [position], limit: limit, for: identity.user.id).first
            else { throw ChatError.notFound }
            return latest.cut(to: Self.roomChangesBytesMax)
        }
        return changes.cut(to: Self.roomChangesBytesMax)
    }

    /// Everything a client needs after it connected: its rooms, and what it lacks of those that it knows and of the
    /// one it shows. Rooms that are up to date, and rooms that the person may not see, are not among the changes.
    ///
    /// The answer is bounded. A room for whose changes no space is left is reset to nothing: its history is paged when
    /// it is shown. Of too many rooms those that were silent longest are left out, and `moreRooms` says so.
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
        let summaries = try await self.rooms.list(for: me)
        // The socket hears its rooms before it asks, so what a room gets after the list was read comes as an event.
        let rooms = Self.fitting(summaries, active: active)
        var positions = rooms.compactMap { summary in
            have[summary.id].flatMap { seq in
                seq == summary.room.lastSeq ? nil : RoomPosition(room: summary.id, have: max(0, seq))
            }
        }
        if let active {
            let unknown = have[active] == nil ? [RoomPosition(room: active, have: 0, unknown: true)] : []
            let shown = positions.filter { $0.room == active }
            positions = unknown + shown + positions.filter { $0.room != active }
        }
        let lastSeqs = Dictionary(rooms.map { ($0.id, $0.room.lastSeq) }) { first, _ in first }
        let changes = try await boundedChanges(since: positions, lastSeqs, limit: limit, for: me)
        let authors = Set(changes.flatMap { $0.messages.compactMap(\.author) }).union([me])
        let people = try await messages.people(for: me, authors: Array(authors), limit: Self.peoplePerSyncMax)
        return SyncAnswer(
            rooms: rooms,
            moreRooms: rooms.count < summaries.count,
            people: people.prefix(weighing: Self.syncPeopleBytesMax, \.bytes),
            changes: changes,
            me: people.first { $0.id == me } ?? identity.user
        )
    }

    /// Reads the changes of a few rooms at a time, for as long as there is space.
    private func boundedChanges(
        since positions: [RoomPosition],
        _ lastSeqs: [RoomID: Int64],
        limit: Int,
        for user: UserID
    ) async throws -> [RoomChanges] {
        var answers: [RoomChanges] = []
        var space = Self.syncChangesBytesMax
        var rest = positions[...]
        while !rest.isEmpty, space > 0 {
            for changes in try await changes(since: Array(rest.prefix(Self.roomsPerReadMax)), limit: limit, for: user)
            where changes.reset || changes.to > changes.from {
                let cut = changes.cut(to: max(0, space))
                space -= cut.bytes
                answers.append(cut)
            }
            rest = rest.dropFirst(Self.roomsPerReadMax)
        }
        return answers
            + rest.compactMap { position in
                lastSeqs[position.room].map {
                    RoomChanges(room: position.room, from: position.have, to: $0, messages: [], reset: true)
                }
            }
    }

    /// The rooms in their order, without those that were silent longest if they do not all fit. The one that is shown
    /// and those of the person come first.
    private static func fitting(_ rooms: [RoomSummary], active: RoomID?) -> [RoomSummary] {
        guard rooms.reduce(0, { $0 + $1.bytes }) > syncRoomBytesMax else { return rooms }
        let byRank = rooms.sorted { left, right in
            (left.id == active ? 0 : 1, left.joined ? 0 : 1, right.room.lastAt ?? right.room.createdAt)
                < (right.id == active ? 0 : 1, right.joined ? 0 : 1, left.room.lastAt ?? left.room.createdAt)
        }
        let kept = Set(byRank.prefix(weighing: syncRoomBytesMax, \.bytes).map(\.id))
        return rooms.filter { kept.contains($0.id) }
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
