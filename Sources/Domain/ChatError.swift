/// Everything that a use case refuses, in the words that the person may read.
///
/// Handlers, routes and the command line map these; what is not a `ChatError` is shown as `internal`, and its cause
/// stays in the log.
package enum ChatError: Error, Hashable, Sendable {
    /// No session, or one that ended.
    case unauthenticated
    /// A login that failed. The same answer for an unknown name, so that names cannot be tried out.
    case wrongCredentials
    /// A ban keeps this person, or everybody at their address, out.
    case banned(Ban)
    /// The person sees the thing but may not do this.
    case forbidden
    /// The thing does not exist, or the person may not know that it does.
    case notFound
    /// Something with this value exists.
    case conflict(field: String, message: String)
    /// A value breaks a rule.
    case invalid(field: String, message: String)
    /// A value is over its limit.
    case tooLarge(field: String, message: String)
    /// Too much in too short a time.
    case rateLimited(retryAfter: Duration)
    /// A client id came again with other content.
    case idempotencyMismatch
    /// The room takes no more messages.
    case archived
    /// A service is down or overloaded, or the outcome is unknown; the same request may be sent again.
    case unavailable
    /// Our mistake.
    case `internal`

    /// The code that clients, REST and the command line share.
    package var code: String {
        switch self {
        case .unauthenticated, .wrongCredentials: "unauthenticated"
        case .forbidden, .banned: "forbidden"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .invalid: "invalid"
        case .tooLarge: "too_large"
        case .rateLimited: "rate_limited"
        case .idempotencyMismatch: "idempotency_mismatch"
        case .archived: "archived"
        case .unavailable: "unavailable"
        case .internal: "internal"
        }
    }

    /// One sentence for the person.
    package var message: String {
        switch self {
        case .unauthenticated: "Log in to continue."
        case .wrongCredentials: "The name or the password is wrong."
        case .forbidden: "You may not do this."
        case .banned(let ban): ban.message
        case .notFound: "This does not exist, or you cannot see it."
        case .conflict(_, let message), .invalid(_, let message), .tooLarge(_, let message): message
        case .rateLimited: "Too fast. Wait a moment and try again."
        case .idempotencyMismatch: "This client id was already used for another message."
        case .archived: "This room is archived."
        case .unavailable: "The service is busy or restarting. Try again in a moment."
        case .internal: "Something went wrong on our side."
        }
    }

    /// The field of the request that is at fault, where there is one.
    package var field: String? {
        switch self {
        case .conflict(let field, _), .invalid(let field, _), .tooLarge(let field, _): field
        case .unauthenticated, .wrongCredentials, .banned, .forbidden, .notFound, .rateLimited, .idempotencyMismatch,
            .archived,
            .unavailable, .internal:
            nil
        }
    }

    /// The same about a field that has another name where the request came in.
    package func renamingField(_ old: String, to new: String) -> ChatError {
        switch self {
        case .conflict(old, let message): .conflict(field: new, message: message)
        case .invalid(old, let message): .invalid(field: new, message: message)
        case .tooLarge(old, let message): .tooLarge(field: new, message: message)
        case .conflict, .invalid, .tooLarge, .unauthenticated, .wrongCredentials, .banned, .forbidden, .notFound,
            .rateLimited, .idempotencyMismatch, .archived, .unavailable, .internal:
            self
        }
    }

    /// Whether the very same request may succeed later.
    package var retryable: Bool {
        switch self {
        case .rateLimited, .unavailable: true
        case .unauthenticated, .wrongCredentials, .banned, .forbidden, .notFound, .conflict, .invalid, .tooLarge,
            .idempotencyMismatch, .archived, .internal:
            false
        }
    }

    /// How long to wait before trying again, where we know.
    package var retryAfter: Duration? {
        switch self {
        case .rateLimited(let duration): duration
        case .unavailable: .seconds(1)
        case .unauthenticated, .wrongCredentials, .banned, .forbidden, .notFound, .conflict, .invalid, .tooLarge,
            .idempotencyMismatch, .archived, .internal:
            nil
        }
    }
}
