import EngineIO
import NIOCore
import NIOHTTP1

/// Answers the private port: requests that other instances relay, and the questions of supervisors and balancers.
struct PrivateDoor: Sendable {
    let engine: EngineServer
    let fleetSecret: String?
    let isReady: @Sendable () async -> Bool

    func handle(_ exchange: HTTPExchange) {
        switch exchange.path {
        case "/healthz":
            exchange.respond(.ok, body: ByteBuffer(string: "ok\n"))
        case "/readyz":
            // Ends with the answer.
            Task {
                let isReady = await isReady()
                exchange.respond(
                    isReady ? .ok : .serviceUnavailable,
                    body: ByteBuffer(string: isReady ? "ready\n" : "not ready\n")
                )
            }
        case let path where engine.owns(path):
            guard let fleetSecret, FleetSecret.matches(exchange.head.headers, fleetSecret) else {
                return exchange.respond(.forbidden)
            }
            engine.handle(exchange)
        default:
            exchange.respond(.notFound)
        }
    }
}

/// The header with which an instance shows that it belongs to the fleet.
enum FleetSecret {
    static let header = "x-chat-fleet-secret"

    /// Compares in constant time, so that the secret cannot be found byte by byte.
    static func matches(_ headers: HTTPHeaders, _ secret: String) -> Bool {
        guard let given = headers.first(name: header)?.utf8, given.count == secret.utf8.count else { return false }
        return zip(given, secret.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
