package import Domain
import Foundation
package import Logging
package import NIOSSL

/// Makes the requests of webhooks, for the server and for `chatctl` alike.
package struct WebhookSender: WebhookSending {
    /// All of a request: the host's addresses, the connection, the answer.
    package static let requestTimeout = Duration.seconds(10)
    /// What is read of an answer, which nobody looks at; more costs the receiver its connection.
    static let answerBytesMax = 16 * 1024

    let networks: WebhookNetworks
    let tls: TLSConfiguration
    let timeout: Duration
    let logger: Logger

    package init(
        networks: WebhookNetworks,
        tls: TLSConfiguration = .makeClientConfiguration(),
        timeout: Duration = requestTimeout,
        logger: Logger
    ) {
        self.networks = networks
        self.tls = tls
        self.timeout = timeout
        self.logger = logger
    }

    package func ping(_ target: WebhookTarget) async -> WebhookAnswer {
        await withConnection(to: target) { connection in
            do { return await connection.send(try .ping(target.id)) } catch {
                return WebhookAnswer(status: nil, failure: "\(error)", took: .zero)
            }
        }
    }

    /// Runs `body` with the way to a receiver, which is opened with the first request and used for all of them.
    package func withConnection<Value>(
        to target: WebhookTarget,
        _ body: (WebhookConnection) async throws -> Value
    ) async rethrows -> Value {
        let connection = WebhookConnection(to: target, self)
        do {
            let value = try await body(connection)
            await connection.close()
            return value
        } catch {
            await connection.close()
            throw error
        }
    }

    /// Whether requests to this URL would be allowed as its host is now; nil when the host has no addresses.
    package func permits(_ url: WebhookURL) async -> Bool? {
        let addresses = await HostAddresses.find(url.host)
        return addresses.isEmpty ? nil : addresses.contains { networks.allow($0, for: url) }
    }
}
