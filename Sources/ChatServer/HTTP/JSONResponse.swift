import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// JSON as the API writes it.
enum JSONResponse {
    private static let headers: HTTPFields = [.contentType: "application/json; charset=utf-8"]

    static func make(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = headers
    ) throws -> Response {
        Response(status: status, headers: headers, body: ResponseBody(byteBuffer: try encode(value)))
    }

    /// An answer with an `ETag`; without a body, and 304, for a client that shows that it has it (RFC 9110, section
    /// 13.1.2).
    static func tagged(_ value: some Encodable, for request: Request) throws -> Response {
        let body = try encode(value)
        let tag = "\"\(SHA256.hash(data: body.readableBytesView).hex.prefix(32))\""
        let extra: HTTPFields = [.eTag: tag, .cacheControl: PrivateAnswers.askEachTime]
        if has(tag, request) {
            return Response(status: .notModified, headers: extra)
        }
        return Response(status: .ok, headers: headers + extra, body: ResponseBody(byteBuffer: body))
    }

    /// Whether the client shows that it has what this tag names.
    static func has(_ tag: String, _ request: Request) -> Bool {
        request.headers[values: .ifNoneMatch].contains { matches($0, tag) }
    }

    /// The same value gives the same bytes on each instance: a tag is made of them.
    static func encode(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return ByteBuffer(bytes: try encoder.encode(value))
    }

    /// Weak comparison, as `If-None-Match` asks for it: what a proxy compressed is still the same answer.
    private static func matches(_ known: String, _ tag: String) -> Bool {
        known.split(separator: ",").contains { entry in
            let entry = entry.trimmingCharacters(in: .whitespaces)
            return entry == "*" || entry == tag || entry == "W/" + tag
        }
    }
}

extension SHA256.Digest {
    fileprivate var hex: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
