import EngineIO
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Has Hummingbird's router answer exchanges of our own listener.
///
/// Its own server can take a WebSocket only as a connection's first request, which breaks behind proxies that reuse
/// connections; so the listener is ours and the router is theirs.
struct HummingbirdBridge<Responder: HTTPResponder<RequestScope>>: Sendable {
    let responder: Responder
    let proxies: TrustedProxies
    let logger: Logger

    func answer(_ exchange: HTTPExchange) {
        guard let request = Request(exchange) else { return exchange.respond(.badRequest) }
        // Ends with the response; a client that goes away makes its writes fail.
        Task {
            let origin = proxies.origin(peer: exchange.remoteAddress, headers: exchange.head.headers)
            let source = RequestScope.Source(logger: logger, origin: origin)
            do {
                let response = try await responder.respond(to: request, context: RequestScope(source: source))
                try await write(response, to: exchange)
            } catch {
                logger.debug("response failed", metadata: ["error": "\(error)"])
                exchange.respond(.internalServerError)
                // Of an answer that was begun the client would wait for the rest.
                exchange.channel.close(promise: nil)
            }
        }
    }

    private func write(_ response: Response, to exchange: HTTPExchange) async throws {
        guard exchange.beginAnswer() else { return }
        var headers = HTTPHeaders(response.headers.map { ($0.name.canonicalName, $0.value) })
        if let length = response.body.contentLength, !headers.contains(name: "content-length") {
            headers.add(name: "content-length", value: String(length))
        }
        let status = HTTPResponseStatus(statusCode: response.status.code)
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        exchange.channel.write(HTTPServerResponsePart.head(head), promise: nil)
        let writer = BodyWriter(channel: exchange.channel, sendsBody: exchange.head.method != .HEAD)
        try await response.body.write(writer)
    }
}

private struct BodyWriter: ResponseBodyWriter {
    let channel: any Channel
    let sendsBody: Bool

    func write(_ buffer: ByteBuffer) async throws {
        guard sendsBody, buffer.readableBytes > 0 else { return }
        try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer)))
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
    }
}

extension Request {
    /// Nil for a method or a header that HTTP does not allow.
    fileprivate init?(_ exchange: HTTPExchange) {
        guard let method = HTTPRequest.Method(exchange.head.method.rawValue) else { return nil }
        var fields = HTTPFields()
        for (name, value) in exchange.head.headers {
            guard let name = HTTPField.Name(name) else { return nil }
            fields.append(HTTPField(name: name, value: value))
        }
        let head = HTTPRequest(
            method: method,
            scheme: "http",
            authority: exchange.head.headers.first(name: "host"),
            path: exchange.head.uri,
            headerFields: fields
        )
        self.init(head: head, body: RequestBody(buffer: exchange.body))
    }
}
