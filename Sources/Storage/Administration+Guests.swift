package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Accounts and rooms that are there for a check or a measurement and are gone without a trace when it is over; two
/// lines of the audit log tell of them. Everybody else's rooms hear nothing of it.
extension Administration {
    /// An account without a password, which only its session opens.
    package struct Guest: Sendable {
        package let user: UserID
        package let name: UserName
        package let session: SessionID
        package let tokenHash: [UInt8]
        package let rooms: [RoomID]

        package init(user: UserID, name: UserName, session: SessionID, tokenHash: [UInt8], rooms: [RoomID]) {
            self.user = user
            self.name = name
            self.session = session
            self.tokenHash = tokenHash
            self.rooms = rooms
        }
    }

    /// Marks the sessions of guests. Nobody else has a session without having a password, so nobody can copy it.
    private static let mark = "chatctl guest"
    /// Messages that are removed in one transaction: none holds its locks for long.
    private static let messagesRemovedAtOnce: Int64 = 5_000

    /// Stores guests and the private rooms in which they are; they join no others. Their sessions end at `end`.
    package func addGuests(
        _ guests: [Guest],
        in rooms: [(id: RoomID, name: RoomName)],
        until end: Date,
        by actor: Actor,
        at date: Date
    ) async throws {
        let people = guests.map(\.user)
        let memberships = guests.flatMap { guest in guest.rooms.map { (room: $0, user: guest.user) } }
        let entry = AuditEntry(.guestsAdd, people: people.count, rooms: rooms.count, by: actor, at: date)
        try await database.write { transaction in
            _ = try transaction.run(
                """
                INSERT INTO users (id, name, display_name, role, created_at)
                SELECT id, name, name, 'member', \(date)
                  FROM unnest(\(people), \(guests.map(\.name.description))) AS guest (id, name)
                """,
                """
                INSERT INTO sessions (id, user_id, kind, token_hash, created_at, expires_at, last_used_at, user_agent)
                SELECT id, user_id, 'login', hash, \(date), \(end), \(date), \(Self.mark)
                  FROM unnest(\(guests.map(\.session)), \(people), \(guests.map { Bytes($0.tokenHash) }))
                       AS guest (id, user_id, hash)
                """,
                """
                INSERT INTO rooms (id, kind, name, created_at)
                SELECT id, 'private', name, \(date)
                  FROM unnest(\(rooms.map(\.id)), \(rooms.map(\.name.description))) AS room (id, name)
                """,
                """
                INSERT INTO members (room_id, user_id, joined_seq, read_seq, read_n, joined_at)
                SELECT room_id, user_id, 0, 0, 0, \(date)
                  FROM unnest(\(memberships.map(\.room)), \(memberships.map(\.user))) AS guest (room_id, user_id)
                """
            )
            try entry.append(in: transaction)
        }
    }

    /// Removes guests and rooms with everything that was said in them. Gives back those who said something elsewhere,
    /// where their entries have to stay.
    package func removeGuests(
        _ people: [UserID],
        from rooms: [RoomID],
        by actor: Actor,
        at date: Date
    ) async throws -> [UserID] {
        while try await removeMessages(of: rooms) > 0 {}
        let entry = AuditEntry(.guestsRemove, people: people.count, rooms: rooms.count, by: actor, at: date)
        return try await database.write { transaction in
            try entry.append(in: transaction)
            return try transaction.run(
                "DELETE FROM rooms WHERE id = ANY(\(rooms))",
                """
                DELETE FROM users u
                 WHERE u.id = ANY(\(people))
                   AND NOT EXISTS (SELECT FROM messages WHERE author_id = u.id)
                   AND NOT EXISTS (SELECT FROM messages WHERE target_id = u.id)
                   AND NOT EXISTS (SELECT FROM messages WHERE deleted_by = u.id)
                   AND NOT EXISTS (SELECT FROM invites WHERE created_by = u.id)
                """,
                "SELECT id FROM users WHERE id = ANY(\(people))"
            )[2].decode { try $0.read() }
        }
    }

    /// The guests of a run that was killed, and their rooms, once their sessions have ended.
    package func lostGuests(at date: Date) async throws -> (people: [UserID], rooms: [RoomID]) {
        let people = try await database.read(
            """
            SELECT DISTINCT u.id
              FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.user_agent = \(Self.mark) AND s.kind = 'login' AND s.revoked_at IS NULL AND s.expires_at < \(date)
               AND u.password_hash IS NULL AND u.role = 'member' AND u.deleted_at IS NULL
            """
        ) { try $0.read(UserID.self) }
        guard !people.isEmpty else { return ([], []) }
        let rooms = try await database.read(
            """
            SELECT r.id FROM rooms r
             WHERE r.kind = 'private' AND EXISTS (SELECT FROM members WHERE room_id = r.id)
               AND NOT EXISTS (SELECT FROM members WHERE room_id = r.id AND user_id <> ALL(\(people)))
            """
        ) { try $0.read(RoomID.self) }
        return (people, rooms)
    }

    private func removeMessages(of rooms: [RoomID]) async throws -> Int {
        try await database.write { transaction in
            try transaction.run(
                """
                DELETE FROM messages
                 WHERE id IN (SELECT id FROM messages WHERE room_id = ANY(\(rooms))
                               LIMIT \(Self.messagesRemovedAtOnce))
                """
            )[0].affected
        }
    }
}

extension AuditEntry.Action {
    /// Guests of a check or a measurement came.
    package static let guestsAdd = Self("guests.add")
    /// They went, with all that they said.
    package static let guestsRemove = Self("guests.remove")
}

extension AuditEntry {
    fileprivate init(_ action: Action, people: Int, rooms: Int, by actor: Actor, at date: Date) {
        self.init(
            action,
            of: Subject(kind: .system, id: nil, name: nil),
            by: actor,
            at: date,
            detail: ["people": "\(people)", "rooms": "\(rooms)"]
        )
    }
}
