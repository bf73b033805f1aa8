import EngineIO
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import SocketIO

/// Brings each request of the public port where it belongs: to Socket.IO, to the instance that owns its session, or
/// to the API.
struct FrontDoor: Sendable {
    /// Largest body of an API request, in bytes.
    static let apiBodyBytesMax = 64 * 1_024

    /// Largest Socket.IO message, in bytes: a `session:sync` that names a thousand rooms fits.
    static let socketMessageBytesMax = 128 * 1_024

    let engine: EngineServer
    let relay: Relay?
    let origins: OriginPolicy
    let logger: Logger
    let uploads: UploadDoor
    let answerAPI: @Sendable (HTTPExchange) -> Void

    func bodyRule(_ head: HTTPRequestHead) -> HTTPConnectionHandler.BodyRule {
        if engine.owns(head.uri.prefix { $0 != "?" }) { return .init(bytesMax: engine.configuration.maxPayload) }
        return uploads.rule(head) ?? .init(bytesMax: Self.apiBodyBytesMax)
    }

    func handle(_ exchange: HTTPExchange) {
        if engine.owns(exchange.path) {
            if let relay, let owner = relay.foreignOwner(of: exchange) {
                relay.forward(exchange, to: owner)
            } else {
                engine.handle(exchange)
            }
        } else if exchange.head.method != .GET, exchange.head.method != .HEAD, !origins.allows(exchange.head.headers) {
            // A page of another site must not act with the cookies of this one.
            let refusal = ProblemMiddleware.refusal(.forbidden, logger: logger)
            exchange.respond(.forbidden, headers: refusal.headers, body: refusal.body)
        } else {
            answerAPI(exchange)
        }
    }

    /// What is told of a request that is too large or no HTTP.
    func refusal(_ status: HTTPResponseStatus) -> (headers: HTTPHeaders, body: ByteBuffer) {
        ProblemMiddleware.refusal(.init(code: Int(status.code), reasonPhrase: status.reasonPhrase), logger: logger)
    }
}
