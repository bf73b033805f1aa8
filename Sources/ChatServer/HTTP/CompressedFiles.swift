import EngineIO
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Sends the browser client's files compressed to clients that can read gzip, and keeps what it compressed. Scripts
/// travel without the lines that are only comments.
///
/// Files only, which come without a `Cache-Control` of their own: compressing answers in which a secret stands beside
/// what the asker chose would tell the secret by the answer's length (BREACH).
final class CompressedFiles: RouterMiddleware {
    /// Shortest file that is worth it, in bytes.
    private static let bytesMin = 1_024
    /// Most files that are kept; over it all are forgotten.
    private static let filesMax = 512
    private static let types = [
        "text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml",
    ]

    private let kept = Mutex<[String: Kept]>([:])

    private struct Kept {
        var eTag: String
        var body: ByteBuffer
    }

    func handle(
        _ request: Request,
        context: RequestScope,
        next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard response.status == .ok, request.method == .get, response.headers[.cacheControl] == nil,
            let length = response.headers[.contentLength].flatMap({ Int($0) }), length >= Self.bytesMin,
            let eTag = response.headers[.eTag], Self.isText(response)
        else { return response }
        response.headers[.vary] = "Accept-Encoding"
        guard HTTPCompression.isAccepted(request.headers[values: .acceptEncoding]) else { return response }
        let body = try await compressed(response.body, of: request.uri.path, eTag)
        response.body = ResponseBody(byteBuffer: body)
        response.headers[.contentLength] = String(body.readableBytes)
        response.headers[.contentEncoding] = "gzip"
        return response
    }

    private static func isText(_ response: Response) -> Bool {
        let type = response.headers[.contentType] ?? ""
        return types.contains { type.hasPrefix($0) }
    }

    private func compressed(_ body: ResponseBody, of path: String, _ eTag: String) async throws -> ByteBuffer {
        if let kept = kept.withLock({ $0[path] }), kept.eTag == eTag { return kept.body }
        let whole = Collected()
        try await body.write(BodyCollector(into: whole))
        var bytes = whole.bytes.withLock { $0 }
        if path.hasSuffix(".js") { bytes = ByteBuffer(bytes: ScriptComments.removed(from: bytes.readableBytesView)) }
        let compressed = Deflater(.gzipFile).compress(bytes)
        kept.withLock { kept in
            if kept.count >= Self.filesMax { kept = [:] }
            kept[path] = Kept(eTag: eTag, body: compressed)
        }
        return compressed
    }
}

private final class Collected: Sendable {
    let bytes = Mutex(ByteBuffer())
}

private struct BodyCollector: ResponseBodyWriter {
    let whole: Collected

    init(into whole: Collected) { self.whole = whole }

    func write(_ buffer: ByteBuffer) async throws {
        whole.bytes.withLock { _ = $0.writeImmutableBuffer(buffer) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
