#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// An image that a message carries, or that waits for its message.
package struct Attachment: Hashable, Sendable, Identifiable, Codable {
    /// A message carries at most this many.
    package static let perMessageMax = 10

    package let id: AttachmentID
    package let name: FileName
    package let mediaType: ImageHeader.MediaType
    /// In pixels, as the file's header says.
    package let width: Int
    package let height: Int
    package let bytes: Int

    /// As the message's row keeps it, and as clients are told.
    private enum CodingKeys: String, CodingKey {
        case id, name, width, height, bytes
        case mediaType = "media_type"
    }

    package init(
        id: AttachmentID,
        name: FileName,
        mediaType: ImageHeader.MediaType,
        width: Int,
        height: Int,
        bytes: Int
    ) {
        self.id = id
        self.name = name
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.bytes = bytes
    }
}

package typealias AttachmentID = Identifier<Attachment>

/// An image about to be stored. One that exists is an image of a kind and a size that we take.
package struct Upload: Sendable {
    package let attachment: Attachment
    package let room: RoomID
    package let clientID: ClientID
    package let content: [UInt8]
    package let createdAt: Date

    /// The kind and the size are those of the bytes, whatever their sender called them. Throws `invalid` or `tooLarge`
    /// with the field.
    package init(
        id: AttachmentID,
        room: RoomID,
        clientID: String,
        name: String,
        content: [UInt8],
        bytesMax: Int,
        createdAt: Date
    ) throws {
        guard content.count <= bytesMax else {
            throw ChatError.tooLarge(field: "content", message: "An image has at most \(bytesMax) bytes.")
        }
        let header = try ImageHeader(content)
        attachment = Attachment(
            id: id,
            name: FileName(name, of: header.mediaType),
            mediaType: header.mediaType,
            width: header.width,
            height: header.height,
            bytes: content.count
        )
        self.room = room
        self.clientID = try ClientID(clientID)
        self.content = content
        self.createdAt = createdAt
    }
}

/// The answer to an upload.
package struct UploadReceipt: Hashable, Sendable {
    package let attachment: Attachment
    /// The client id had been used for the same image before; nothing was added.
    package let duplicate: Bool

    package init(attachment: Attachment, duplicate: Bool) {
        self.attachment = attachment
        self.duplicate = duplicate
    }
}
