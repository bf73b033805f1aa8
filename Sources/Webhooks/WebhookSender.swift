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
        do {
            let request = try WebhookRequest.ping(target.id)
            let connection = WebhookConnection(self)
            let answer = await connection.send(request, to: target)
            await connection.close()
            return answer
        } catch {
            return WebhookAnswer(status: nil, failure: "\(error)", took: .zero)
        }
    }

    /// Whether requests to this URL would be allowed as its host is now; nil when the host has no addresses.
    package func permits(_ url: WebhookURL) async -> Bool? {
        let addresses = await HostAddresses.find(url.host)
        return addresses.isEmpty ? nil : addresses.contains { networks.allow($0, for: url) }
    }
}
