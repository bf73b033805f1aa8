#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where images are kept.
package protocol AttachmentStoring: Sendable {
    /// Stores an image that waits for its message, once for a client id.
    ///
    /// Throws `notFound` when the person is not a member of the room, `archived`, `forbidden` when they are muted,
    /// `conflict` when they have more than `unsentBytesMax` waiting, `idempotencyMismatch` when the client id was used
    /// for another image.
    func insert(_ upload: Upload, by identity: Identity, unsentBytesMax: Int) async throws -> UploadReceipt
    /// An image that a message of a room of this person carries, or that waits for theirs; nil for any other.
    func find(_ id: AttachmentID, for user: UserID) async throws -> Attachment?
    /// Bytes of an image from `offset` on; fewer at its end, and none when it was removed meanwhile.
    func content(of id: AttachmentID, from offset: Int, count: Int) async throws -> [UInt8]
    /// Removes a number of images that were uploaded before a time and never sent; returns how many.
    func removeUnsent(before date: Date, limit: Int) async throws -> Int
}
