public import EngineIO
import Foundation
public import NIOCore

/// How a client came: the request that opened its connection, and what it sent along for this namespace.
public struct Handshake: Sendable {
    /// The request that opened the connection.
    public let request: EngineRequest
    /// The JSON object of the CONNECT packet: credentials; nil when there was none.
    public let auth: ByteBuffer?

    /// Reads the credentials.
    ///
    /// - Throws: `DecodingError` when there are none or they do not fit the type.
    public func decodeAuth<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        try PayloadCoding.decode(type, from: Payload(json: auth ?? ByteBuffer(string: "{}")))
    }

    /// The credentials, `{}` when there are none.
    public var authJSON: ByteBuffer { auth ?? ByteBuffer(string: "{}") }

    /// The handshake object as the reference server shows it to programs and to other servers.
    public var json: ByteBuffer {
        struct Description: Encodable {
            var headers: [String: String]
            var time: String
            var address: String
            var xdomain: Bool
            var secure: Bool
            var issued: Int
            var url: String
            var query: [String: String]
        }
        var headers: [String: String] = [:]
        for (name, value) in request.headers {
            headers[name.lowercased()] = headers[name.lowercased()].map { "\($0), \(value)" } ?? value
        }
        let description = Description(
            headers: headers,
            time: WireDate.format(Date(timeIntervalSince1970: request.issued)),
            address: request.remoteAddress?.ipAddress ?? "",
            xdomain: headers["origin"] != nil,
            secure: false,
            issued: Int(request.issued * 1_000),
            url: request.uri,
            query: Dictionary(request.query.items.map { ($0.name, $0.value) }) { first, _ in first }
        )
        // Only texts and numbers, which always encode.
        guard var json = try? PayloadCoding.value(description).json else { return ByteBuffer(string: "{}") }
        json.moveWriterIndex(to: json.writerIndex - 1)
        json.writeString(",\"auth\":")
        json.writeImmutableBuffer(authJSON)
        json.writeString("}")
        return json
    }
}
