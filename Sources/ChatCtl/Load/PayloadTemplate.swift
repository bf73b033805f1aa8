import Foundation
import NIOCore

/// The event that a load generator sends, made anew for each send.
///
/// In the payload `{id}` becomes a new unique id, `{time}` the moment of sending (needed to measure a fan-out), `{client}`
/// the number of the client and `{n}` that of its message.
struct PayloadTemplate: Sendable, Equatable {
    let event: String
    private let parts: [Part]

    private enum Part: Sendable, Equatable {
        case text(String)
        case id, time, client, number
    }

    /// - Parameter payload: The event's arguments as JSON, separated by commas.
    /// - Throws: `Failure` when that is no JSON, placeholders included.
    init(event: String, payload: String) throws(Failure) {
        self.event = event
        var parts: [Part] = []
        var rest = payload[...]
        let known: [(String, Part)] = [
            ("{id}", .id), ("{time}", .time), ("{client}", .client), ("{n}", .number),
        ]
        while let next = known.compactMap({ name, part in rest.range(of: name).map { ($0, part) } })
            .min(by: { $0.0.lowerBound < $1.0.lowerBound })
        {
            parts += [.text(String(rest[..<next.0.lowerBound])), next.1]
            rest = rest[next.0.upperBound...]
        }
        self.parts = parts + [.text(String(rest))]
        let sample = render(client: 1, number: 1)
        guard (try? JSONSerialization.jsonObject(with: Data(sample.readableBytesView))) != nil else {
            throw Failure(.usage, "the payload is no JSON: \(payload)")
        }
    }

    /// `["event",…]`
    func render(client: Int, number: Int) -> ByteBuffer {
        var buffer = ByteBuffer(string: JSONText.encode([event]).dropLast() + ",")
        for part in parts {
            switch part {
            case .text(let text): buffer.writeString(text)
            case .id: buffer.writeString(UUID().uuidString.lowercased())
            case .time: buffer.writeString(Moment.now())
            case .client: buffer.writeString(String(client))
            case .number: buffer.writeString(String(number))
            }
        }
        buffer.writeString("]")
        return buffer
    }
}
