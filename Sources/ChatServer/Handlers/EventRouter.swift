import Domain
import Foundation
import Logging
import SocketIO

/// Registers handlers that take one typed request and give one typed answer.
///
/// Every event is acknowledged with exactly one argument: `{ok: true, data}` or `{ok: false, error}`.
struct EventRouter: Sendable {
    let namespace: Namespace
    let logger: Logger
    let counts = EventCounts()

    /// Registers a handler. What it throws becomes the client's error; what it does not mean to show stays in the log.
    func on<Request: Decodable & Sendable, Answer: Encodable & Sendable>(
        _ name: String,
        _ handle: @escaping @Sendable (Request, Caller) async throws -> Answer
    ) {
        namespace.on(name) { (socket: Socket, event: Event) async in
            do {
                guard let identity = socket[IdentityKey.self] else { throw ChatError.unauthenticated }
                let request = try Self.decode(Request.self, event)
                let answer = try await handle(request, Caller(socket: socket, identity: identity))
                try event.acknowledgement?(Success(data: answer))
                counts.count(name)
            } catch {
                fail(event, error)
            }
        }
    }

    /// Answers events that have no handler.
    func refuseUnknownEvents() {
        namespace.onUnhandled { _, event in
            fail(event, ChatError.invalid(field: "event", message: "There is no event of this name."))
        }
    }

    private static func decode<Request: Decodable>(_ type: Request.Type, _ event: Event) throws -> Request {
        do {
            return try event.decode(type)
        } catch let error as DecodingError {
            throw ChatError.invalid(field: error.field, message: "The request does not have the expected form.")
        }
    }

    private func fail(_ event: Event, _ error: any Error) {
        let failure = ErrorView(error, logger: logger)
        // A failure consists of texts and numbers, which always encode.
        try? event.acknowledgement?(Failure(error: failure))
    }
}

private struct Success<Answer: Encodable & Sendable>: Encodable, Sendable {
    var ok = true
    var data: Answer
}

private struct Failure: Encodable, Sendable {
    var ok = false
    var error: ErrorView
}

/// An answer without content.
struct Nothing: Codable, Sendable {}

extension DecodingError {
    /// The path of the value that does not fit, as `a.b.0`.
    var field: String {
        let context: Context? =
            switch self {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context
            case .keyNotFound(let key, let context):
                Context(codingPath: context.codingPath + [key], debugDescription: "")
            @unknown default: nil
            }
        let path = context?.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue } ?? []
        return path.isEmpty ? "request" : path.joined(separator: ".")
    }
}
