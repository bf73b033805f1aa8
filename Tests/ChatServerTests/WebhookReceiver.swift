import EngineIO
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import Webhooks

/// A program that is told of what happens in rooms, on a port of its own.
final class WebhookReceiver: Sendable {
    struct Request: Sendable {
        let signature: String
        let eventID: String
        let body: [UInt8]
        let events: [Event]
        let people: [String]
        let room: String?
    }

    struct Event: Decodable, Sendable {
        struct Message: Decodable, Sendable {
            let body: String
            let changed_seq: Int64
        }
        let id: String
        let event: String
        let data: Message?
    }

    private struct Body: Decodable {
        struct Named: Decodable { let name: String? }
        let room: Named?
        let events: [Event]
        let people: [Named]
    }

    typealias Answer = @Sendable (_ exchange: HTTPExchange, _ number: Int) -> Void

    private let requests = Mutex<[Request]>([])
    private let answer: Mutex<Answer>
    let port: Int

    /// Everything that came, the refused requests too.
    var all: [Request] { requests.withLock { $0 } }
    var bodies: [String] { all.flatMap(\.events).compactMap(\.data?.body) }
    func url(_ host: String = "localhost") -> String { "http://\(host):\(port)/in" }

    /// Takes everything.
    static let takes: Answer = { exchange, _ in exchange.respond(.noContent) }

    /// Runs `body` with a receiver that answers as `answer` says; requests are numbered from 1.
    static func with<Value>(
        _ answer: @escaping Answer = takes,
        _ body: (WebhookReceiver) async throws -> Value
    ) async throws -> Value {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let handling = Mutex<(@Sendable (HTTPExchange) -> Void)?>(nil)
        let listener = try await HTTPListener.bind(
            host: "127.0.0.1",
            port: 0,
            on: group,
            bodyRule: { _ in .init(bytesMax: 10 << 20) },
            handle: { exchange in handling.withLock { $0 }?(exchange) }
        )
        let receiver = WebhookReceiver(port: listener.localAddress?.port ?? 0, answer)
        handling.withLock { $0 = { receiver.take($0) } }
        let result: Result<Value, any Error>
        do { result = .success(try await body(receiver)) } catch { result = .failure(error) }
        try await group.shutdownGracefully()
        return try result.get()
    }

    private init(port: Int, _ answer: @escaping Answer) {
        self.port = port
        self.answer = Mutex(answer)
    }

    /// Answers differently from now on.
    func answer(_ new: @escaping Answer) { answer.withLock { $0 = new } }

    private func take(_ exchange: HTTPExchange) {
        let bytes = Array(exchange.body.readableBytesView)
        let body = try? JSONDecoder().decode(Body.self, from: Data(bytes))
        let headers = exchange.head.headers
        let request = Request(
            signature: headers.first(name: WebhookSignature.header) ?? "",
            eventID: headers.first(name: "X-Chat-Event-ID") ?? "",
            body: bytes,
            events: body?.events ?? [],
            people: body?.people.compactMap(\.name) ?? [],
            room: body?.room?.name
        )
        let number = requests.withLock { requests in
            requests.append(request)
            return requests.count
        }
        answer.withLock { $0 }(exchange, number)
    }
}
