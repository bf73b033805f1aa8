package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Images in PostgreSQL. Those that are stored travel over a connection of their own, so that nobody's edit waits behind
/// megabytes; those that are shown are read in slices, so that none of them fills the memory.
package struct AttachmentTable: AttachmentStoring {
    let database: Database

    static let columns: SQL.Fragment = "a.id, a.name, a.media_type, a.width, a.height, a.byte_count"

    static func decode(_ row: inout Row) throws -> Attachment {
        let (id, name): (AttachmentID, String) = try (row.read(), row.read())
        let mediaType: ImageHeader.MediaType = try row.read()
        return try Attachment(
            id: id,
            name: FileName(name, of: mediaType),
            mediaType: mediaType,
            width: Int(row.read(Int64.self)),
            height: Int(row.read(Int64.self)),
            bytes: Int(row.read(Int64.self))
        )
    }

    package func insert(
        _ upload: Upload,
        by identity: Identity,
        unsentBytesMax: Int
    ) async throws -> UploadReceipt {
        let user = identity.user.id
        return try await database.write(patience: Limits.uploadTimeout, over: database.uploader) { transaction in
            try Self.requireSpeaking(in: upload.room, user, at: upload.createdAt, transaction)
            if let earlier = try Self.earlier(upload, by: user, transaction) { return earlier }
            let attachment = upload.attachment
            // Whoever sends the same upload over another instance in this moment has stored it when this goes on.
            let inserted = try transaction.run(
                """
                INSERT INTO attachments (id, room_id, uploader_id, client_id, media_type, name, width, height, byte_count,
                                         content, created_at)
                SELECT \(attachment.id), \(upload.room), \(user), \(upload.clientID.description),
                       \(attachment.mediaType.rawValue), \(attachment.name.description), \(Int64(attachment.width)),
                       \(Int64(attachment.height)), \(Int64(attachment.bytes)), \(Bytes(upload.content)),
                       \(upload.createdAt)
                 WHERE (SELECT coalesce(sum(byte_count), 0) FROM attachments
                         WHERE uploader_id = \(user) AND seq IS NULL) + \(Int64(attachment.bytes))
                       <= \(Int64(unsentBytesMax))
                ON CONFLICT (uploader_id, client_id) DO NOTHING
                """
            )[0]
            if inserted.affected == 1 { return UploadReceipt(attachment: attachment, duplicate: false) }
            if let earlier = try Self.earlier(upload, by: user, transaction) { return earlier }
            throw ChatError.conflict(
                field: "content",
                message: "You have uploaded too much that was never sent. It is removed after a day."
            )
        }
    }

    /// The room is not locked: what is stored here is in no message yet, and sending it asks again.
    private static func requireSpeaking(
        in room: RoomID,
        _ user: UserID,
        at now: Date,
        _ transaction: Transaction
    ) throws {
        let found = try transaction.run(
            """
            SELECT r.archived_at IS NOT NULL, m.muted_until
              FROM members m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.user_id
             WHERE m.room_id = \(room) AND m.user_id = \(user) AND u.disabled_at IS NULL
            """
        )[0].first { row in try (isArchived: row.read(Bool.self), mutedUntil: row.readIfPresent(Date.self)) }
        guard let found else { throw ChatError.notFound }
        guard !found.isArchived else { throw ChatError.archived }
        guard found.mutedUntil.map({ $0 <= now }) ?? true else { throw ChatError.forbidden }
    }

    /// What the person uploaded before under this client id.
    private static func earlier(
        _ upload: Upload,
        by user: UserID,
        _ transaction: Transaction
    ) throws -> UploadReceipt? {
        let known = "\(upload.clientID)"
        let earlier = try transaction.run(
            """
            SELECT a.room_id = \(upload.room) AND a.byte_count = \(Int64(upload.content.count)), \(columns)
              FROM attachments a WHERE a.uploader_id = \(user) AND a.client_id = \(known)
            """
        )[0].first { row in try (mayBeSame: row.read(Bool.self), attachment: decode(&row)) }
        guard let earlier else { return nil }
        guard earlier.mayBeSame, try isSame(upload, earlier.attachment.id, transaction) else {
            throw ChatError.idempotencyMismatch
        }
        return UploadReceipt(attachment: earlier.attachment, duplicate: true)
    }

    private static func isSame(_ upload: Upload, _ id: AttachmentID, _ transaction: Transaction) throws -> Bool {
        try transaction.run("SELECT content = \(Bytes(upload.content)) FROM attachments WHERE id = \(id)")[0]
            .first { try $0.read() } ?? false
    }

    package func find(_ id: AttachmentID, for user: UserID) async throws -> Attachment? {
        try await database.read(
            """
            SELECT \(Self.columns)
              FROM attachments a
              JOIN members own ON own.room_id = a.room_id AND own.user_id = \(user)
             WHERE a.id = \(id) AND (a.seq IS NOT NULL OR a.uploader_id = \(user))
            """,
            Self.decode
        ).first
    }

    package func content(of id: AttachmentID, from offset: Int, count: Int) async throws -> [UInt8] {
        try await database.read(
            """
            SELECT substring(content FROM (\(Int64(offset + 1)))::int FOR (\(Int64(count)))::int)
              FROM attachments WHERE id = \(id)
            """
        ) { try $0.read(Bytes.self) }.first?.sqlBytes ?? []
    }

    package func removeUnsent(before date: Date, limit: Int) async throws -> Int {
        // A message that takes one of them in this moment holds its row.
        try await database.write { transaction in
            try transaction.run(
                """
                DELETE FROM attachments
                 WHERE id IN (SELECT id FROM attachments WHERE seq IS NULL AND created_at < \(date)
                               LIMIT \(Int64(limit)) FOR UPDATE SKIP LOCKED)
                """
            )[0].affected
        }
    }
}
