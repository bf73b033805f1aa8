import Foundation
import NIOCore
import Testing

/// The bytes that running Node servers put on Redis, as they stand in `Fixtures/redis-adapter`.
struct Capture: Sendable, CustomTestStringConvertible {
    enum Message: Sendable {
        case json(String)
        /// The bytes, and what Node's decoder makes of them.
        case messagePack(ByteBuffer, text: String)
    }

    var file: String
    /// What the server was asked to do.
    var title: String
    var channel: String
    var message: Message

    var testDescription: String { "\(file): \(title) [\(channel)]" }

    static let classic = ["classic.txt", "classic-specific-response-channel.txt"].flatMap(read)
    static let sharded = read("sharded.txt")

    private static func read(_ file: String) -> [Capture] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let url = folder.appending(path: "Fixtures/redis-adapter/\(file)")
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        var captures: [Capture] = []
        var title = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("* ") { title = String(line.dropFirst(2)) }
            if let match = line.wholeMatch(of: /\s*\[(?:SPUBLISH )?(.*?)\] (JSON|MSGPACK) (.*)/) {
                let body = String(match.3)
                captures.append(
                    Capture(
                        file: file,
                        title: title,
                        channel: String(match.1),
                        message: match.2 == "JSON" ? .json(body) : .messagePack(ByteBuffer(), text: body)
                    )
                )
            }
            if let match = line.wholeMatch(of: /\s*hex ([0-9a-f]+)/),
                case .messagePack(_, let text)? = captures.last?.message
            {
                captures[captures.count - 1].message = .messagePack(bytes(match.1), text: text)
            }
        }
        return captures
    }

    private static func bytes(_ hex: Substring) -> ByteBuffer {
        let digits = hex.compactMap(\.hexDigitValue)
        return ByteBuffer(
            bytes: stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        )
    }

    static func messagePack(_ captures: [Capture]) -> [Capture] {
        captures.filter { if case .messagePack = $0.message { true } else { false } }
    }
}

func hex(_ buffer: ByteBuffer) -> String {
    buffer.readableBytesView.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
