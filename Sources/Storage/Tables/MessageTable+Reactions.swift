package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension MessageTable {
    package func react(
        to seq: Int64,
        in room: RoomID,
        with emoji: Emoji,
        adding: Bool,
        by identity: Identity,
        at date: Date
    ) async throws -> ReactionReceipt {
        let user = identity.user
        return try await database.write { transaction in
            try transaction.lockRoom(room, for: .person(identity)).requireSpeaking(at: date)
            let message = try Self.text(seq, in: room, for: user.id, transaction)
            guard message.deletedAt == nil else { throw ChatError.notFound }
            func receipt(_ message: Message, changed: Bool) -> ReactionReceipt {
                ReactionReceipt(message: message, user: user.id, emoji: emoji, added: adding, changed: changed)
            }
            let known = message.reactions.first { $0.emoji == emoji.description }
            guard (known?.mine ?? false) != adding else { return receipt(message, changed: false) }
            guard !adding || known != nil || message.reactions.count < Reaction.distinctMax else {
                throw ChatError.conflict(
                    field: "emoji",
                    message: "A message has at most \(Reaction.distinctMax) different reactions."
                )
            }
            let choice: SQL =
                if adding {
                    """
                    INSERT INTO reactions (room_id, seq, user_id, emoji, created_at)
                    VALUES (\(room), \(seq), \(user.id), \(emoji.description), \(date))
                    """
                } else {
                    """
                    DELETE FROM reactions
                     WHERE room_id = \(room) AND seq = \(seq) AND user_id = \(user.id) AND emoji = \(emoji.description)
                    """
                }
            let results = try transaction.run(
                choice,
                "UPDATE rooms SET last_seq = last_seq + 1 WHERE id = \(room)",
                Self.summarize(seq, in: room),
                Self.row(seq, in: room, for: user.id)
            )
            return receipt(try results[3].first(Self.decodePersonal)!, changed: true)
        }
    }

    /// Writes into the message what is shown of its reactions, so that reading a page does not count them.
    private static func summarize(_ seq: Int64, in room: RoomID) -> SQL {
        """
        UPDATE messages
           SET changed_seq = (SELECT last_seq FROM rooms WHERE id = \(room)),
               reactions = (
                   SELECT jsonb_agg(jsonb_build_object('emoji', emoji, 'count', count, 'users', users)
                                    ORDER BY first_at, emoji)
                     FROM (SELECT emoji, count(*) AS count, min(created_at) AS first_at,
                                  (array_agg(user_id ORDER BY created_at, user_id))[1:30] AS users
                             FROM reactions WHERE room_id = \(room) AND seq = \(seq) GROUP BY emoji) AS chosen)
         WHERE room_id = \(room) AND seq = \(seq)
        """
    }
}
