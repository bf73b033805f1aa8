import AsyncHTTPClient
package import Domain
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// The way to one receiver, for requests one after the other; opened by the first.
///
/// The host's addresses are asked for and checked with every request, and the request goes to an address that was
/// checked: a name that points elsewhere a moment later leads nowhere.
package actor WebhookConnection {
    private let sender: WebhookSender
    private var way: (address: IPAddress, client: HTTPClient)?

    package init(_ sender: WebhookSender) { self.sender = sender }

    /// Sends a request and waits for the answer, both no longer than the sender's timeout.
    package func send(_ request: WebhookRequest, to target: WebhookTarget) async -> WebhookAnswer {
        let start = ContinuousClock.now
        do {
            let answer = try await send(request, to: target, until: start + sender.timeout)
            let status = Int64(answer.status)
            let failure =
                switch status {
                case 200..<300: String?.none
                case 300..<400: "HTTP \(status): redirects are not followed"
                default: "HTTP \(status)"
                }
            let took = start.duration(to: .now)
            return WebhookAnswer(status: status, failure: failure, retryAfter: answer.retryAfter, took: took)
        } catch {
            // The next attempt begins anew, perhaps at another address.
            await close()
            let failure = WebhookFailure(error, timeout: sender.timeout).description
            return WebhookAnswer(status: nil, failure: failure, took: start.duration(to: .now))
        }
    }

    /// Ends it; the next request opens it again.
    package func close() async {
        guard let client = way?.client else { return }
        way = nil
        // Nothing is under way, so there is nothing that could fail to end.
        try? await client.shutdown()
    }

    private func send(
        _ request: WebhookRequest,
        to target: WebhookTarget,
        until end: ContinuousClock.Instant
    ) async throws -> Answer {
        let url = try WebhookURL(target.url)
        let found = try await Deadline.run(until: end) { await HostAddresses.find(url.host) }
        let isReused = way != nil
        do {
            return try await post(request, to: target, url, found, until: end)
        } catch let error as HTTPClientError where error == .remoteConnectionClosed && isReused {
            // The receiver was tired of waiting in the very moment of the request.
            await close()
            return try await post(request, to: target, url, found, until: end)
        }
    }

    private func post(
        _ request: WebhookRequest,
        to target: WebhookTarget,
        _ url: WebhookURL,
        _ found: [IPAddress],
        until end: ContinuousClock.Instant
    ) async throws -> Answer {
        let client = try await open(url, found, attempt: target.failures)
        let outgoing = Self.outgoing(request, to: target, url)
        return try await Deadline.run(until: end) { [logger = sender.logger] in
            let response = try await client.execute(outgoing, timeout: .hours(1), logger: logger)
            let answer = Answer(status: response.status.code, retryAfter: RetryAfter.parse(response.headers))
            // Read to its end, a connection can take the next request. The answer counts without it.
            var read = 0
            do {
                for try await part in response.body {
                    read += part.readableBytes
                    if read > WebhookSender.answerBytesMax { break }
                }
            } catch {}
            return answer
        }
    }

    private struct Answer: Sendable {
        let status: UInt
        let retryAfter: Duration?
    }

    /// A client for one of these addresses that is allowed: the one that is open, else for another address after each
    /// failure.
    private func open(_ url: WebhookURL, _ found: [IPAddress], attempt: Int64) async throws -> HTTPClient {
        guard !found.isEmpty else { throw WebhookFailure.noAddress(url.host) }
        let allowed = found.filter { sender.networks.allow($0, for: url) }
        guard !allowed.isEmpty else { throw WebhookFailure.notAllowed(url) }
        if let way, allowed.contains(way.address) { return way.client }
        await close()
        let address = allowed[Int(attempt % Int64(allowed.count))]
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: sender.tls,
            redirectConfiguration: .disallow,
            decompression: .disabled
        )
        configuration.dnsOverride = [url.host: address.description]
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton),
            configuration: configuration
        )
        way = (address, client)
        return client
    }

    private static func outgoing(
        _ request: WebhookRequest,
        to target: WebhookTarget,
        _ url: WebhookURL
    ) -> HTTPClientRequest {
        var outgoing = HTTPClientRequest(url: url.description)
        outgoing.method = .POST
        outgoing.headers = [
            "Content-Type": "application/json",
            "User-Agent": "Chat-Webhook/1",
            "X-Chat-Webhook": target.id.description,
            "X-Chat-Event-ID": request.eventID,
            WebhookSignature.header: WebhookSignature.make(of: request.body, with: target.secret, at: Date()),
        ]
        outgoing.body = .bytes(request.body)
        return outgoing
    }
}

/// Work that is given up at a moment. What is given up is cancelled, and has to heed that.
enum Deadline {
    /// Throws `WebhookFailure.timeout`.
    static func run<Value: Sendable>(
        until end: ContinuousClock.Instant,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.sleep(until: end)
                throw WebhookFailure.timeout
            }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }
}
