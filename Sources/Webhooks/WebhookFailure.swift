import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Why a request got no answer, in words for the owner of the chat.
enum WebhookFailure: Error, CustomStringConvertible {
    case noAddress(String)
    case notAllowed(WebhookURL)
    case timeout
    case other(String)

    /// Of what another error says, as much is kept.
    private static let charactersMax = 200

    /// - Parameter timeout: What `timeout` means.
    init(_ error: any Error, timeout: Duration) {
        switch error {
        case WebhookFailure.timeout: self = .other("no answer within \(timeout.components.seconds) s")
        case let error as WebhookFailure: self = error
        case let error as ChatError: self = .other(error.message)
        case is CancellationError: self = .other("cancelled")
        case let error as IOError: self = .other("no connection: \(String(cString: strerror(error.errnoCode)))")
        case let error as NIOConnectionError:
            let first = error.connectionErrors.first?.error
            self = first.map { WebhookFailure($0, timeout: timeout) } ?? .other("no connection")
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self = .other("TLS: the certificate is for another host")
        case is NIOSSLError, is NIOSSLExtraError: self = .other("TLS: \(Self.reason(of: error))")
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            self = .other("the connection was closed before an answer came")
        case let error as HTTPClientError: self = .other(error.shortDescription)
        default: self = .other("\(error)")
        }
    }

    /// BoringSSL's own word for it, which stands among places in its source.
    private static func reason(of error: any Error) -> String {
        let text = "\(error)"
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return text }
        let word = text[mark.upperBound...].prefix { $0.isUppercase || $0 == "_" }
        return word == "CERTIFICATE_VERIFY_FAILED" ? "the certificate is not to be believed" : String(word)
    }

    var description: String {
        switch self {
        case .noAddress(let host): "\(host) has no address"
        case .notAllowed(let url): WebhookNetworks.refusal(of: url).message
        case .timeout: "no answer in time"
        case .other(let text): String(text.prefix(Self.charactersMax))
        }
    }
}
