/// What an image is, read from its first bytes: its kind and its size. It never decodes a picture.
///
/// The four kinds are those that every browser shows and none runs scripts of. SVG is a document and is not among them.
package struct ImageHeader: Hashable, Sendable {
    package enum MediaType: String, Hashable, Sendable, Codable, CaseIterable {
        case png = "image/png"
        case jpeg = "image/jpeg"
        case gif = "image/gif"
        case webp = "image/webp"

        /// What the names of such files end with, the usual one first.
        package var endings: [String] {
            switch self {
            case .png: ["png"]
            case .jpeg: ["jpg", "jpeg"]
            case .gif: ["gif"]
            case .webp: ["webp"]
            }
        }
    }

    /// Most pixels of an image. A picture of a few kilobytes can claim so many that whoever shows it runs out of memory.
    package static let pixelsMax = 50_000_000
    /// Longest side in pixels; browsers show no more.
    package static let sideMax = 16_384

    package let mediaType: MediaType
    package let width: Int
    package let height: Int

    /// Throws `invalid` or `tooLarge`, field `content`.
    package init(_ bytes: [UInt8]) throws {
        guard let header = bytes.withUnsafeBytes(Self.parse) else {
            throw ChatError.invalid(field: "content", message: "An image has to be a PNG, JPEG, GIF or WebP file.")
        }
        guard header.width > 0, header.height > 0 else {
            throw ChatError.invalid(field: "content", message: "This image has no size.")
        }
        guard header.width <= Self.sideMax, header.height <= Self.sideMax,
            header.width * header.height <= Self.pixelsMax
        else {
            throw ChatError.tooLarge(
                field: "content",
                message: "An image has at most \(Self.pixelsMax / 1_000_000) million pixels."
            )
        }
        self = header
    }

    private init(_ mediaType: MediaType, _ width: Int, _ height: Int) {
        self.mediaType = mediaType
        self.width = width
        self.height = height
    }

    private static func parse(_ bytes: UnsafeRawBufferPointer) -> ImageHeader? {
        var reader = ByteReader(bytes)
        return png(reader) ?? gif(reader) ?? webp(reader) ?? jpeg(&reader)
    }

    /// The signature, then the chunk IHDR, which has to be the first (PNG, third edition, section 5.6).
    private static func png(_ reader: ByteReader) -> ImageHeader? {
        guard reader.matches([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], at: 0), reader.matches("IHDR", at: 12),
            let width = reader.big(32, at: 16), let height = reader.big(32, at: 20)
        else { return nil }
        return ImageHeader(.png, width, height)
    }

    /// The logical screen, in which all frames are (GIF89a, section 18).
    private static func gif(_ reader: ByteReader) -> ImageHeader? {
        guard reader.matches("GIF87a", at: 0) || reader.matches("GIF89a", at: 0),
            let width = reader.little(16, at: 6), let height = reader.little(16, at: 8)
        else { return nil }
        return ImageHeader(.gif, width, height)
    }

    /// The first chunk of the RIFF container is one of three (RFC 9649, sections 2.5 to 2.7).
    private static func webp(_ reader: ByteReader) -> ImageHeader? {
        guard reader.matches("RIFF", at: 0), reader.matches("WEBP", at: 8) else { return nil }
        if reader.matches("VP8X", at: 12), let width = reader.little(24, at: 24), let height = reader.little(24, at: 27)
        {
            return ImageHeader(.webp, width + 1, height + 1)
        }
        if reader.matches("VP8L", at: 12), reader.matches([0x2F], at: 20), let bits = reader.little(32, at: 21) {
            return ImageHeader(.webp, bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
        }
        // A key frame begins with this code; the upper two bits of each side are a scale.
        if reader.matches("VP8 ", at: 12), reader.matches([0x9D, 0x01, 0x2A], at: 23),
            let width = reader.little(16, at: 26), let height = reader.little(16, at: 28)
        {
            return ImageHeader(.webp, width & 0x3FFF, height & 0x3FFF)
        }
        return nil
    }

    /// Segments that are passed over before the one with the size; cameras write a dozen.
    private static let jpegSegmentsMax = 1_000

    /// Goes from segment to segment until one begins a frame (ITU T.81, annex B).
    private static func jpeg(_ reader: inout ByteReader) -> ImageHeader? {
        guard reader.matches([0xFF, 0xD8, 0xFF], at: 0) else { return nil }
        var offset = 2
        for _ in 0..<jpegSegmentsMax {
            // Any number of bytes 0xFF may stand before a marker.
            while reader.matches([0xFF, 0xFF], at: offset) { offset += 1 }
            guard reader.matches([0xFF], at: offset), let marker = reader.big(8, at: offset + 1),
                let length = reader.big(16, at: offset + 2), length >= 2
            else { return nil }
            switch marker {
            case 0xC4, 0xC8, 0xCC: break  // tables, which have numbers among those of frames
            case 0xC0...0xCF:
                guard let height = reader.big(16, at: offset + 5), let width = reader.big(16, at: offset + 7) else {
                    return nil
                }
                return ImageHeader(.jpeg, width, height)
            case 0xD8, 0xD9, 0xDA: return nil  // another image, the end, or the picture itself without a frame
            default: break
            }
            offset += 2 + length
        }
        return nil
    }
}

/// Numbers and texts at places that may lie behind the end.
private struct ByteReader {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    func matches(_ expected: [UInt8], at offset: Int) -> Bool {
        offset + expected.count <= bytes.count && expected.indices.allSatisfy { bytes[offset + $0] == expected[$0] }
    }

    func matches(_ expected: String, at offset: Int) -> Bool { matches(Array(expected.utf8), at: offset) }

    /// A number whose most significant byte comes first.
    func big(_ bits: Int, at offset: Int) -> Int? {
        guard offset + bits / 8 <= bytes.count else { return nil }
        return bytes[offset..<offset + bits / 8].reduce(0) { $0 << 8 | Int($1) }
    }

    /// A number whose least significant byte comes first.
    func little(_ bits: Int, at offset: Int) -> Int? {
        guard offset + bits / 8 <= bytes.count else { return nil }
        return bytes[offset..<offset + bits / 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
