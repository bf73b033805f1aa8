import Domain
import EngineIO
import Logging

/// What a client is told of an error: chosen, never leaked.
struct ErrorView: Encodable, Sendable {
    var code: String
    var message: String
    var field: String?
    var retryable: Bool
    var retry_ms: Int64?
    /// Finds the error in the log.
    var request_id: String

    init(_ error: any Error, logger: Logger) {
        let requestID = String(EngineSessionID.make().prefix(12))
        let chatError: ChatError
        if let known = error as? ChatError {
            chatError = known
        } else {
            chatError = .internal
            logger.error("request failed", metadata: ["request_id": "\(requestID)", "error": "\(error)"])
        }
        code = chatError.code
        message = chatError.message
        field = chatError.field
        retryable = chatError.retryable
        retry_ms = chatError.retryAfter.map {
            $0.components.seconds * 1_000 + $0.components.attoseconds / 1_000_000_000_000_000
        }
        request_id = requestID
    }
}
