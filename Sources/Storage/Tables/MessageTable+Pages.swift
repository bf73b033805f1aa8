package import Domain

extension MessageTable {
    package func page(_ page: Page, in room: RoomID, limit: Int, for user: UserID) async throws -> MessagePage? {
        let window = Window(page, limit: limit)
        // Two index ranges that meet, each with one row more than asked for: that row tells that there is more.
        let rows = try await database.read(
            """
            SELECT r.last_seq, m.is_older, \(messageFor: user)
              FROM members own
              JOIN rooms r ON r.id = own.room_id
              LEFT JOIN LATERAL (
                   (SELECT true AS is_older, * FROM messages
                     WHERE room_id = own.room_id AND seq < \(window.split)
                     ORDER BY seq DESC LIMIT \(Int64(window.older + 1)))
                    UNION ALL
                   (SELECT false, * FROM messages
                     WHERE room_id = own.room_id AND seq >= \(window.split)
                     ORDER BY seq LIMIT \(Int64(window.newer + 1)))
                   ) AS m ON true
             WHERE own.room_id = \(room) AND own.user_id = \(user)
            """
        ) { row in
            let lastSeq: Int64 = try row.read()
            guard let isOlder: Bool = try row.readIfPresent() else { return (lastSeq, false, Message?.none) }
            return try (lastSeq, isOlder, Self.decodePersonal(&row))
        }
        guard let lastSeq = rows.first?.0 else { return nil }
        let older = rows.filter(\.1).compactMap(\.2).sorted { $0.seq > $1.seq }
        let newer = rows.filter { !$0.1 }.compactMap(\.2).sorted { $0.seq < $1.seq }
        return MessagePage(
            messages: older.prefix(window.older).reversed() + newer.prefix(window.newer),
            hasBefore: older.count > window.older,
            hasAfter: newer.count > window.newer,
            lastSeq: lastSeq
        )
    }

    /// A page as two ranges: `older` rows below `split`, `newer` rows from it on.
    private struct Window {
        let split: Int64
        let older: Int
        let newer: Int

        init(_ page: Page, limit: Int) {
            switch page {
            case .latest: (split, older, newer) = (.max, limit, 0)
            case .before(let seq): (split, older, newer) = (seq, limit, 0)
            case .after(let seq): (split, older, newer) = (seq == .max ? seq : seq + 1, 0, limit)
            case .around(let seq): (split, older, newer) = (seq, limit / 2, limit - limit / 2)
            }
        }
    }
}
