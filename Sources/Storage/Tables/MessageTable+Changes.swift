package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension MessageTable {
    package func edit(
        _ seq: Int64,
        in room: RoomID,
        body: Body,
        by identity: Identity,
        at date: Date
    ) async throws -> ChangeReceipt {
        let user = identity.user
        return try await database.write { transaction in
            let standing = try transaction.lockRoom(room, for: .person(identity))
            try standing.requireSpeaking(at: date)
            let message = try Self.text(seq, in: room, for: user.id, transaction)
            guard message.author == user.id else { throw ChatError.forbidden }
            guard message.deletedAt == nil else { throw ChatError.notFound }
            guard !body.isEmpty || !message.attachments.isEmpty else { throw Body.emptiness }
            guard message.body != body.description else { return ChangeReceipt(message: message, changed: false) }
            if standing.room.keepsVersions { try Self.keep(message, transaction) }
            let mentions = try Self.members(of: room, named: body.mentions, except: user.id, transaction)
            let results = try transaction.run(
                "UPDATE rooms SET last_seq = last_seq + 1 WHERE id = \(room)",
                """
                UPDATE messages
                   SET body = \(body.description), edited_at = \(date), mentioned = \(mentions.nilIfEmpty),
                       sent_hash = COALESCE(sent_hash, sha256(convert_to(body, 'UTF8'))),
                       changed_seq = (SELECT last_seq FROM rooms WHERE id = \(room))
                 WHERE room_id = \(room) AND seq = \(seq)
                """,
                Self.forget(message.mentions, seq, room),
                """
                INSERT INTO mentions (user_id, room_id, seq)
                SELECT person, \(room), \(seq) FROM unnest(\(mentions)) AS person
                """,
                Self.row(seq, in: room, for: user.id)
            )
            return ChangeReceipt(message: try results[4].first(Self.decodePersonal)!, changed: true)
        }
    }

    package func delete(
        _ seq: Int64,
        in room: RoomID,
        by identity: Identity,
        at date: Date
    ) async throws -> ChangeReceipt {
        let user = identity.user
        return try await database.write { transaction in
            let standing = try transaction.lockRoom(room, for: .person(identity))
            guard standing.role != nil || standing.moderates else { throw ChatError.notFound }
            let message = try Self.text(seq, in: room, for: user.id, transaction)
            guard message.author == user.id || standing.moderates else { throw ChatError.forbidden }
            guard message.deletedAt == nil else { return ChangeReceipt(message: message, changed: false) }
            if message.author != user.id {
                try AuditEntry(
                    .messageDelete,
                    of: .message(message.id),
                    by: .person(identity),
                    at: date,
                    detail: ["room": room.description, "author": message.author?.description ?? ""]
                ).append(in: transaction)
            }
            let deleted = try transaction.leaveTombstones(of: [seq], in: standing.room, by: user.id, at: date)[0]
            return ChangeReceipt(message: deleted, changed: true)
        }
    }

    /// A message, not another entry. The caller holds the room. Throws `notFound`.
    static func text(
        _ seq: Int64,
        in room: RoomID,
        for user: UserID,
        _ transaction: Transaction
    ) throws -> Message {
        let message = try transaction.run(row(seq, in: room, for: user))[0].first(decodePersonal)
        guard let message, message.kind == .text else { throw ChatError.notFound }
        return message
    }

    /// One row as this person sees it. Who may see it is decided by the caller.
    static func row(_ seq: Int64, in room: RoomID, for user: UserID) -> SQL {
        "SELECT \(messageFor: user) FROM messages m WHERE m.room_id = \(room) AND m.seq = \(seq)"
    }

    /// Writes down what a message says, before it says something else.
    private static func keep(_ message: Message, _ transaction: Transaction) throws {
        _ = try transaction.run(
            """
            INSERT INTO message_versions (room_id, seq, version, body, written_at)
            SELECT \(message.room), \(message.seq), count(*) + 1, \(message.body),
                   \(message.editedAt ?? message.createdAt)
              FROM message_versions WHERE room_id = \(message.room) AND seq = \(message.seq)
            """
        )
    }

    private static func members(
        of room: RoomID,
        named names: [UserName],
        except author: UserID,
        _ transaction: Transaction
    ) throws -> [UserID] {
        guard !names.isEmpty else { return [] }
        return try transaction.run(
            """
            SELECT u.id FROM users u
             WHERE u.name = ANY(\(names.map(\.description))) AND u.id <> \(author)
               AND EXISTS (SELECT FROM members m WHERE m.room_id = \(room) AND m.user_id = u.id)
             ORDER BY u.id
            """
        )[0].decode { try $0.read() }
    }

    private static func forget(_ mentions: [UserID], _ seq: Int64, _ room: RoomID) -> SQL {
        "DELETE FROM mentions WHERE user_id = ANY(\(mentions)) AND room_id = \(room) AND seq = \(seq)"
    }
}

extension [UserID] {
    fileprivate var nilIfEmpty: [UserID]? { isEmpty ? nil : self }
}
