import Foundation
public import NIOCore

/// Bytes inside a typed payload; they travel as a binary attachment and not as text.
public struct Binary: Codable, Sendable, Hashable {
    /// The bytes.
    public var bytes: ByteBuffer

    /// Wraps bytes.
    public init(_ bytes: ByteBuffer) { self.bytes = bytes }

    private enum CodingKeys: String, CodingKey {
        case placeholder = "_placeholder"
        case num
    }

    /// Takes the attachment that the placeholder names.
    ///
    /// - Throws: `DecodingError` outside of a Socket.IO payload, or when there is no such attachment.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let number = try container.decode(Int.self, forKey: .num)
        guard let attachments = decoder.userInfo[PayloadCoding.attachments] as? [ByteBuffer],
            try container.decode(Bool.self, forKey: .placeholder), attachments.indices.contains(number)
        else {
            throw DecodingError.dataCorruptedError(forKey: .num, in: container, debugDescription: "no such attachment")
        }
        bytes = attachments[number]
    }

    /// Adds an attachment and writes its placeholder.
    ///
    /// - Throws: `EncodingError` outside of a Socket.IO payload.
    public func encode(to encoder: any Encoder) throws {
        guard let collector = encoder.userInfo[PayloadCoding.attachments] as? PayloadCoding.Collector else {
            let context = EncodingError.Context(codingPath: encoder.codingPath, debugDescription: "not in a payload")
            throw EncodingError.invalidValue(self, context)
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(true, forKey: .placeholder)
        try container.encode(collector.add(bytes), forKey: .num)
    }
}
