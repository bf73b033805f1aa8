package import Domain

extension RoomTable {
    package func latestAdmission() async throws -> Int64 {
        try await database.read("SELECT coalesce(max(admission), 0) FROM members") { try $0.read() }[0]
    }

    package func admissions(after number: Int64, limit: Int) async throws -> [Admission] {
        try await database.read(
            """
            SELECT m.admission, m.user_id, m.room_id, m.joined_seq, r.last_seq
              FROM members m JOIN rooms r ON r.id = m.room_id
             WHERE m.admission > \(number)
             ORDER BY m.admission
             LIMIT \(Int64(limit))
            """
        ) { row in
            try Admission(
                number: row.read(),
                user: row.read(),
                room: row.read(),
                seq: row.read(),
                lastSeq: row.read()
            )
        }
    }
}
