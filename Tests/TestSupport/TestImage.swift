/// The beginnings of image files: as much as tells what they are.
package enum TestImage {
    package static let png = png(width: 3, height: 2)

    package static func png(width: Int, height: Int) -> [UInt8] {
        let signature: [UInt8] = [0x89] + "PNG\r\n\u{1A}\n".utf8
        return signature + big(13, 32) + "IHDR".utf8 + big(width, 32) + big(height, 32) + [8, 6, 0, 0, 0]
    }

    package static func gif(width: Int, height: Int) -> [UInt8] {
        "GIF89a".utf8 + little(width, 16) + little(height, 16) + [0, 0, 0]
    }

    /// With tables and the note of a camera before the frame.
    package static func jpeg(width: Int, height: Int) -> [UInt8] {
        let note: [UInt8] = [0xFF, 0xE1] + big(8, 16) + "Exif\0\0".utf8
        let table: [UInt8] = [0xFF, 0xFF, 0xC4] + big(3, 16) + [0]
        return [0xFF, 0xD8] + note + table + [0xFF, 0xC2] + big(11, 16) + [8] + big(height, 16) + big(width, 16)
            + [1, 1, 0x11, 0]
    }

    package enum WebP: CaseIterable, Sendable { case lossy, lossless, extended }

    package static func webp(_ form: WebP, width: Int, height: Int) -> [UInt8] {
        let chunk: [UInt8] =
            switch form {
            case .lossy:
                "VP8 ".utf8 + little(10, 32) + [0, 0, 0, 0x9D, 1, 0x2A] + little(width, 16) + little(height, 16)
            case .lossless: "VP8L".utf8 + little(5, 32) + [0x2F] + little(width - 1 | (height - 1) << 14, 32)
            case .extended:
                "VP8X".utf8 + little(10, 32) + little(0, 32) + little(width - 1, 24) + little(height - 1, 24)
            }
        return "RIFF".utf8 + little(chunk.count + 4, 32) + "WEBP".utf8 + chunk
    }

    private static func big(_ number: Int, _ bits: Int) -> [UInt8] { little(number, bits).reversed() }

    private static func little(_ number: Int, _ bits: Int) -> [UInt8] {
        stride(from: 0, to: bits, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
