import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

/// Turns what a route throws into `application/problem+json` (RFC 9457).
struct ProblemMiddleware: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request,
        context: RequestScope,
        next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            // Hummingbird's own, of what does not get as far as a use case.
            return try problem(Self.chatError(error.status), status: error.status, headers: error.headers)
        } catch let error as DecodingError {
            let message = "The request does not have the expected form."
            return try problem(ChatError.invalid(field: error.field, message: message), status: .unprocessableContent)
        } catch {
            return try problem(error, status: Self.status(of: error))
        }
    }

    private func problem(
        _ error: any Error,
        status: HTTPResponse.Status,
        headers: HTTPFields = [:]
    ) throws -> Response {
        let view = ErrorView(error, logger: logger)
        var headers = headers
        headers[.contentType] = ProblemView.contentType
        headers[.retryAfter] = view.retryAfterSeconds
        return try JSONResponse.make(ProblemView(view, status: status), status: status, headers: headers)
    }

    /// The same for a request that does not get as far as a route.
    static func refusal(_ status: HTTPResponse.Status, logger: Logger) -> (headers: HTTPHeaders, body: ByteBuffer) {
        let problem = ProblemView(ErrorView(chatError(status), logger: logger), status: status)
        return (["content-type": ProblemView.contentType], (try? JSONResponse.encode(problem)) ?? ByteBuffer())
    }

    /// The same for an error that comes before a route is asked.
    static func refusal(
        _ error: any Error,
        logger: Logger
    ) -> (status: HTTPResponseStatus, headers: HTTPHeaders, body: ByteBuffer) {
        let (status, view) = (status(of: error), ErrorView(error, logger: logger))
        var headers: HTTPHeaders = ["content-type": ProblemView.contentType, "cache-control": "no-store"]
        if let seconds = view.retryAfterSeconds { headers.add(name: "retry-after", value: seconds) }
        let body = (try? JSONResponse.encode(ProblemView(view, status: status))) ?? ByteBuffer()
        return (HTTPResponseStatus(statusCode: status.code), headers, body)
    }

    private static func chatError(_ status: HTTPResponse.Status) -> ChatError {
        switch status {
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .invalid(field: "method", message: "This address does not take this method.")
        case .contentTooLarge: .tooLarge(field: "request", message: "The request is too large.")
        default: .invalid(field: "request", message: "The request does not have the expected form.")
        }
    }

    private static func status(of error: any Error) -> HTTPResponse.Status {
        guard let error = error as? ChatError else { return .internalServerError }
        return switch error {
        case .unauthenticated, .wrongCredentials: .unauthorized
        case .forbidden, .banned: .forbidden
        case .notFound: .notFound
        case .conflict, .archived: .conflict
        case .invalid, .idempotencyMismatch: .unprocessableContent
        case .tooLarge: .contentTooLarge
        case .rateLimited: .tooManyRequests
        case .unavailable: .serviceUnavailable
        case .internal: .internalServerError
        }
    }
}

extension ErrorView {
    /// As the header `Retry-After` says it.
    fileprivate var retryAfterSeconds: String? { retry_ms.map { String(($0 + 999) / 1_000) } }
}

private struct ProblemView: Encodable {
    static let contentType = "application/problem+json"

    var type = "about:blank"
    var title: String
    var status: Int
    var code: String
    var detail: String
    var field: String?
    var retry_ms: Int64?
    var request_id: String

    init(_ error: ErrorView, status: HTTPResponse.Status) {
        title = status.reasonPhrase
        self.status = status.code
        code = error.code
        detail = error.message
        field = error.field
        retry_ms = error.retry_ms
        request_id = error.request_id
    }
}
