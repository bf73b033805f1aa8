import EngineIO
import Fleet
import Foundation
import NIOCore
import NIOHTTP1

/// Answers the private port: requests that other instances relay, and the questions of supervisors and balancers.
struct PrivateDoor: Sendable {
    let engine: EngineServer
    let fleetSecret: String?
    let isReady: @Sendable () async -> Bool
    let metrics: @Sendable () async -> Metrics
    /// Carries out what the supervisor asks, also when Redis is down.
    let control: @Sendable (ControlAction) async -> ControlAnswer

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
        case "/metrics":
            // Ends with the answer.
            Task {
                let text = await metrics().text
                exchange.respond(
                    .ok,
                    headers: ["content-type": Metrics.contentType],
                    body: ByteBuffer(string: text)
                )
            }
        case "/control" where exchange.head.method == .POST:
            guard isFromFleet(exchange) else { return exchange.respond(.forbidden) }
            answerControl(exchange)
        case let path where engine.owns(path):
            guard isFromFleet(exchange) else { return exchange.respond(.forbidden) }
            engine.handle(exchange)
        default:
            exchange.respond(.notFound)
        }
    }

    private func isFromFleet(_ exchange: HTTPExchange) -> Bool {
        guard let fleetSecret else { return false }
        return FleetSecret.matches(exchange.head.headers, fleetSecret)
    }

    private func answerControl(_ exchange: HTTPExchange) {
        guard let action = try? ControlCoding.decode(ControlAction.self, from: Data(exchange.body.readableBytesView))
        else { return exchange.respond(.badRequest) }
        // Ends with the answer.
        Task {
            guard let json = try? ControlCoding.encode(await control(action)) else {
                return exchange.respond(.internalServerError)
            }
            exchange.respond(.ok, headers: ["content-type": "application/json"], body: ByteBuffer(bytes: json))
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
