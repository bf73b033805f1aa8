#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Chat {
    /// What one person may have uploaded and not sent: so many messages full of the largest images.
    private static let unsentMessagesMax = 2
    /// An image that no message carries is removed after this time; a phone may be offline for a night.
    package static let unsentSecondsMax = 86_400.0
    /// Unsent images that are removed in one transaction.
    static let unsentRemovedAtOnce = 50

    /// What is asked before the bytes of an upload are taken in. Throws `forbidden`, `rateLimited`.
    package func admitUpload(by identity: Identity) throws {
        try Operation.uploadAttachment.authorize(identity)
        try limiter.count(.upload, by: identity.user.id)
    }

    /// Stores an image for a message to come in a room of the person. The same client id gives the same image.
    ///
    /// Throws `notFound`, `archived`, `forbidden` to someone who is muted, `invalid`, `tooLarge`, `conflict` when too
    /// much waits, `idempotencyMismatch`, `unavailable`.
    package func upload(
        _ content: [UInt8],
        named name: String,
        clientID: String,
        to room: RoomID,
        by identity: Identity
    ) async throws -> UploadReceipt {
        try Operation.uploadAttachment.authorize(identity)
        let now = clock.now
        let upload = try Upload(
            id: .new(at: now),
            room: room,
            clientID: clientID,
            name: name,
            content: content,
            bytesMax: policy.attachmentBytesMax,
            createdAt: now
        )
        return try await attachments.insert(
            upload,
            by: identity,
            unsentBytesMax: Self.unsentMessagesMax * Attachment.perMessageMax * policy.attachmentBytesMax
        )
    }

    /// An image of a message that the person may read, or one that waits for theirs. Throws `notFound`.
    package func attachment(_ id: AttachmentID, by identity: Identity) async throws -> Attachment {
        try Operation.showAttachment.authorize(identity)
        guard let attachment = try await attachments.find(id, for: identity.user.id) else { throw ChatError.notFound }
        return attachment
    }

    /// A part of an image that `attachment` gave to the person. Empty when it was removed since.
    package func content(of attachment: Attachment, from offset: Int, count: Int) async throws -> [UInt8] {
        try await attachments.content(of: attachment.id, from: offset, count: count)
    }

    /// Removes what was uploaded and not sent in time; returns how many images.
    package func removeUnsentAttachments() async throws -> Int {
        let end = clock.now.addingTimeInterval(-Self.unsentSecondsMax)
        var removed = 0
        while true {
            let count = try await attachments.removeUnsent(before: end, limit: Self.unsentRemovedAtOnce)
            removed += count
            if count < Self.unsentRemovedAtOnce { return removed }
        }
    }
}
