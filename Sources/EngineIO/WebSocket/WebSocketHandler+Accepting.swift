import NIOHTTP1

extension WebSocketHandler {
    /// Makes a request's connection a WebSocket, without any Engine.IO on it.
    ///
    /// Call it on the event loop of the exchange's channel, which is `context`'s.
    ///
    /// - Returns: The WebSocket; nil when the request does not ask for one, or the client has gone. It is answered then.
    package static func accept(
        _ exchange: HTTPExchange,
        for peer: any Peer,
        limits: Limits,
        perMessageDeflate: PerMessageDeflate? = nil,
        in context: LoopContext
    ) -> WebSocketHandler? {
        let compression = Compression(perMessageDeflate, for: exchange.head)
        guard exchange.isWebSocketUpgrade,
            let response = WebSocketHandshake.response(to: exchange.head, compression?.agreement)
        else {
            exchange.respond(.badRequest)
            return nil
        }
        let socket = WebSocketHandler(
            channel: exchange.channel,
            context: context,
            limits: limits,
            compression: compression
        )
        socket.setPeer(peer)
        return exchange.replaceProtocol(answering: response, with: [socket]) ? socket : nil
    }
}
