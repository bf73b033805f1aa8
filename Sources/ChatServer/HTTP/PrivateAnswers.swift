import HTTPTypes
import Hummingbird

/// Keeps what the API answers to one person out of every cache but their own, and secrets out of that one too.
struct PrivateAnswers: RouterMiddleware {
    /// For what a person's own browser may keep if it asks each time whether it is still so.
    static let askEachTime = "private, no-cache"

    func handle(
        _ request: Request,
        context: RequestScope,
        next: (Request, RequestScope) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
