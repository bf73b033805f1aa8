package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension RoomTable {
    package func openDirect(
        _ people: [UserID],
        by user: UserID,
        newID: RoomID,
        at date: Date
    ) async throws -> DirectReceipt {
        let people = people.sorted()
        let key = people.map(\.description).joined(separator: ",")
        return try await database.write { transaction in
            var entry: Message?
            var id = try Self.direct(key, in: transaction)
            if id == nil {
                try Self.requireUsable(people, in: transaction)
                entry = try Self.insertDirect(newID, key, people, by: user, at: date, in: transaction)
                // Someone else made it in the same moment: the insert waited for them, and now it is there.
                id = entry != nil ? newID : try Self.direct(key, in: transaction)
            }
            guard let id,
                let summary = try transaction.run(Self.summary(of: id, for: user))[0].first(Self.decodeSummary)
            else { throw ChatError.notFound }
            return DirectReceipt(summary: summary, created: entry != nil, people: people, entry: entry)
        }
    }

    private static func direct(_ key: String, in transaction: Transaction) throws -> RoomID? {
        try transaction.run("SELECT id FROM rooms WHERE direct_key = \(key)")[0].first { try $0.read() }
    }

    static func requireUsable(_ people: [UserID], in transaction: Transaction) throws {
        let usable = try transaction.run(
            "SELECT count(*) FROM users WHERE id = ANY(\(people)) AND disabled_at IS NULL"
        )[0].first { try $0.read(Int64.self) }
        guard usable == Int64(Set(people).count) else { throw ChatError.notFound }
    }

    /// Stores the room, its first entry and its members; nil when the room of these people exists.
    private static func insertDirect(
        _ id: RoomID,
        _ key: String,
        _ people: [UserID],
        by user: UserID,
        at date: Date,
        in transaction: Transaction
    ) throws -> Message? {
        let inserted = try transaction.run(
            """
            INSERT INTO rooms (id, kind, direct_key, created_at) VALUES (\(id), 'direct', \(key), \(date))
                ON CONFLICT (direct_key) DO NOTHING
            """
        )[0]
        guard inserted.affected == 1 else { return nil }
        let entry = try RoomEntry(.created, in: id, by: user, at: date).append(in: transaction)
        _ = try transaction.run(
            """
            INSERT INTO members (room_id, user_id, joined_seq, read_seq, read_n, joined_at)
            SELECT \(id), person, \(entry.seq), \(entry.seq), 0, \(date) FROM unnest(\(people)) AS person
            """
        )
        return entry
    }
}
