package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Taking back everything that somebody said.
extension Administration {
    /// Messages that become tombstones in one transaction: the room is locked for a moment only, and whoever is in it
    /// can follow.
    package static let messagesPurgedAtOnce = 200

    /// How much somebody said that is not deleted, room by room, direct ones too.
    package func said(by author: UserID) async throws -> [(room: RoomID, messages: Int64)] {
        try await database.read(
            """
            SELECT room_id, count(*) FROM messages
             WHERE author_id = \(author) AND kind = 'text' AND deleted_at IS NULL
             GROUP BY room_id ORDER BY room_id
            """
        ) { row in
            try (room: row.read(), messages: row.read())
        }
    }

    /// Leaves tombstones of the next messages that somebody said in a room after `seq`, each with a number of its own,
    /// and writes down how many. Gives back what is left of them in the order of these numbers; nothing when there are
    /// no more. Throws `notFound` when the room is gone.
    package func purge(
        _ author: User,
        in room: RoomID,
        after seq: Int64,
        by actor: Actor,
        at date: Date
    ) async throws -> [Message] {
        try await database.write { transaction in
            let room = try transaction.lockRoom(room, for: actor).room
            let found = try transaction.run(
                """
                SELECT seq FROM messages
                 WHERE room_id = \(room.id) AND seq > \(seq) AND author_id = \(author.id)
                   AND kind = 'text' AND deleted_at IS NULL
                 ORDER BY seq LIMIT \(Int64(Self.messagesPurgedAtOnce))
                """
            )[0].decode { try $0.read(Int64.self) }
            guard !found.isEmpty else { return [] }
            try AuditEntry(
                .messagePurge,
                of: .user(author.id, name: author.name),
                by: actor,
                at: date,
                detail: ["room": room.id.description, "messages": "\(found.count)"]
            ).append(in: transaction)
            return try transaction.leaveTombstones(of: found, in: room, by: nil, at: date)
        }
    }
}

extension AuditEntry.Action {
    /// Messages of somebody were deleted because their account is.
    package static let messagePurge = Self("message.purge")
}
