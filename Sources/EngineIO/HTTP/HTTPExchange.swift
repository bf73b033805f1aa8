import NIOConcurrencyHelpers
public import NIOCore
public import NIOHTTP1

/// One HTTP request that waits for its response.
///
/// May be answered from any thread, once; what is answered later is ignored, because the connection may be gone by
/// then. An exchange that is never answered holds its connection until the client closes it.
public final class HTTPExchange: Sendable {
    /// The request without its body.
    public let head: HTTPRequestHead
    /// The whole body.
    public let body: ByteBuffer
    /// The connection; belongs to its event loop.
    public let channel: any Channel
    /// The peer's address.
    public var remoteAddress: SocketAddress? { channel.remoteAddress }

    /// Held until the exchange is over.
    private let permit: (any AnyObject & Sendable)?

    private let state = NIOLockedValueBox(State())

    private struct State {
        var isAnswered = false
        var isAborted = false
        var onAbort: (@Sendable () -> Void)?
    }

    init(
        head: HTTPRequestHead,
        body: ByteBuffer,
        channel: any Channel,
        permit: (any AnyObject & Sendable)? = nil
    ) {
        self.head = head
        self.body = body
        self.channel = channel
        self.permit = permit
    }

    /// The path without the query.
    public var path: Substring {
        head.uri.prefix { $0 != "?" }
    }

    /// Whether the client asks for a WebSocket (RFC 6455, section 4.2.1).
    public var isWebSocketUpgrade: Bool {
        head.method == .GET
            && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// Whether the connection ends with the response: the client wants that, or it asked for another protocol, after
    /// which the decoder reads no further request.
    var endsConnection: Bool {
        !head.isKeepAlive || head.method == .CONNECT || head.headers.contains(name: "upgrade")
    }

    /// Answers with a whole response; `Content-Length` is added.
    public func respond(_ status: HTTPResponseStatus, headers: HTTPHeaders = [:], body: ByteBuffer = ByteBuffer()) {
        guard beginAnswer() else { return }
        var headers = headers
        headers.replaceOrAdd(name: "content-length", value: String(body.readableBytes))
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        let sendsBody = self.head.method != .HEAD && body.readableBytes > 0
        channel.eventLoop.execute { [channel] in
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            if sendsBody { channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil) }
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }
    }

    /// Begins a response whose body is written in parts; returns false when the exchange is over already.
    public func beginAnswer() -> Bool {
        state.withLockedValue { state in
            defer {
                state.isAnswered = true
                state.onAbort = nil
            }
            return !state.isAnswered && !state.isAborted
        }
    }

    /// Has `action` called when the client goes away before it was answered; at once if it has gone.
    public func onAbort(_ action: @escaping @Sendable () -> Void) {
        let isAborted = state.withLockedValue { state in
            if !state.isAborted && !state.isAnswered { state.onAbort = action }
            return state.isAborted
        }
        if isAborted { action() }
    }

    func abort() {
        let action = state.withLockedValue { state in
            state.isAborted = true
            return state.onAbort.take()
        }
        action?()
    }

    /// Ends HTTP on this connection: answers with `head`, if given, and puts `handlers` in the place of the HTTP
    /// handlers. Bytes that the client sent behind the request reach the new handlers first.
    ///
    /// - Returns: Whether the handlers are in place; false when the client has gone.
    /// - Precondition: Called on the channel's event loop.
    public func replaceProtocol(
        answering head: HTTPResponseHead?,
        with handlers: [any ChannelHandler & Sendable]
    ) -> Bool {
        channel.eventLoop.preconditionInEventLoop()
        guard beginAnswer() else { return false }
        do {
            let connection = try channel.pipeline.syncOperations.handler(type: HTTPConnectionHandler.self)
            try connection.replaceProtocol(answering: head, with: handlers, on: channel)
            return true
        } catch {
            channel.close(promise: nil)
            return false
        }
    }
}
