internal import Crypto
internal import Foundation
internal import NIOCore
internal import NIOWebSocket

/// Asks an HTTP server for a WebSocket and makes way for the frame codec when it agrees (RFC 6455, section 4.1).
final class WebSocketOpening: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A longer head is no answer to a request for a WebSocket.
    private static let headBytesMax = 16 * 1024
    /// Larger than every message that a chat sends.
    private static let frameBytesMax = 16 * 1024 * 1024

    private let endpoint: ClientEndpoint
    private let sid: String?
    private let transport: WebSocketTransport
    private let key: String
    private var received = ByteBuffer()

    init(_ endpoint: ClientEndpoint, sid: String?, transport: WebSocketTransport) {
        self.endpoint = endpoint
        self.sid = sid
        self.transport = transport
        var random = SystemRandomNumberGenerator()
        key = Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }).base64EncodedString()
    }

    func channelActive(context: ChannelHandlerContext) {
        let target = endpoint.target(transport: "websocket", sid: sid)
        var request = "GET \(target) HTTP/1.1\r\nHost: \(endpoint.address.authority)\r\n"
        request +=
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(key)\r\n"
        for (name, value) in endpoint.headers { request += "\(name): \(value)\r\n" }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: request + "\r\n")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        let bytes = received.readableBytesView
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            if received.readableBytes > Self.headBytesMax { fail(.protocolViolation("an endless head"), context) }
            return
        }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        received.moveReaderIndex(to: end.upperBound)
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            return fail(.protocolViolation("no HTTP"), context)
        }
        guard status == 101 else { return fail(.refused(status: status), context) }
        let accept = lines.first { $0.lowercased().hasPrefix("sec-websocket-accept:") }?
            .split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
        guard accept == expectedAccept else { return fail(.protocolViolation("a wrong Sec-WebSocket-Accept"), context) }
        upgrade(context)
    }

    private var expectedAccept: String {
        let text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return Data(Insecure.SHA1.hash(data: Data(text.utf8))).base64EncodedString()
    }

    private func upgrade(_ context: ChannelHandlerContext) {
        do {
            let pipeline = context.pipeline.syncOperations
            try pipeline.addHandler(WebSocketFrameEncoder())
            try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: Self.frameBytesMax)))
            try pipeline.addHandler(
                NIOWebSocketFrameAggregator(
                    minNonFinalFragmentSize: 0,
                    maxAccumulatedFrameCount: 1_024,
                    maxAccumulatedFrameSize: Self.frameBytesMax
                )
            )
            try pipeline.addHandler(transport)
        } catch {
            return fail(.protocolViolation("\(error)"), context)
        }
        // What came behind the head is the first frames. Before this handler goes: then it has no neighbours any more.
        if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        transport.owner.failed(.unreachable("the server closed the connection"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        transport.owner.failed(SocketIOClientError(opening: error))
        context.close(promise: nil)
    }

    private func fail(_ error: SocketIOClientError, _ context: ChannelHandlerContext) {
        transport.owner.failed(error)
        context.close(promise: nil)
    }
}
