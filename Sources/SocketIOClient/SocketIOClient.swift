internal import Foundation
package import NIOCore
internal import NIOPosix

/// A Socket.IO 5 client for load and for checks: it does not reconnect, sends no binary payloads, and does not read those
/// that it receives.
///
/// What it is told comes on its event loop, in the order of the wire.
package final class SocketIOClient: Sendable {
    /// How packets go to the server and back.
    package enum Transport: String, CaseIterable, Sendable {
        case websocket
        /// HTTP long-polling.
        case polling
        /// Begins with long-polling and goes on over a WebSocket, as browsers do.
        case upgrade
    }

    /// What the server sent.
    package struct Event: Sendable {
        package let name: String
        /// The arguments as they are on the wire, without brackets: for one argument its JSON.
        package let arguments: ByteBuffer

        /// Reads `["name",…]`; nil when it is something else. A name with escapes is not taken apart.
        init?(array: ByteBuffer) {
            let bytes = array.readableBytesView
            guard bytes.starts(with: Array("[\"".utf8)), bytes.last == UInt8(ascii: "]"),
                let end = bytes.dropFirst(2).firstIndex(of: UInt8(ascii: "\""))
            else { return nil }
            name = String(decoding: bytes[bytes.index(bytes.startIndex, offsetBy: 2)..<end], as: UTF8.self)
            var start = bytes.index(after: end)
            if bytes[start] == UInt8(ascii: ",") { start = bytes.index(after: start) }
            arguments = array.getSlice(at: start, length: bytes.endIndex - 1 - start) ?? ByteBuffer()
        }

        /// The only argument, decoded.
        package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
            try JSONDecoder().decode(type, from: Data(arguments.readableBytesView))
        }
    }

    /// Whom a client tells.
    package struct Events: Sendable {
        package let received: @Sendable (Event) -> Void
        /// The connection that had been made is gone.
        package let closed: @Sendable () -> Void

        package init(
            received: @escaping @Sendable (Event) -> Void = { _ in },
            closed: @escaping @Sendable () -> Void = {}
        ) {
            self.received = received
            self.closed = closed
        }
    }

    /// Called once, with the arguments of an acknowledgement, a JSON array.
    package typealias Answered = @Sendable (Result<ByteBuffer, SocketIOClientError>) -> Void

    /// The socket's id.
    package let id: String
    /// The loop that everything is told on.
    package let eventLoop: any EventLoop
    private let session: NIOLoopBound<ClientSession>

    private init(id: String, eventLoop: any EventLoop, session: NIOLoopBound<ClientSession>) {
        self.id = id
        self.eventLoop = eventLoop
        self.session = session
    }

    /// Connects to a namespace; with an upgrade, until it is over.
    ///
    /// - Parameters:
    ///   - auth: The JSON object that goes with CONNECT.
    ///   - trust: For `https:`; the system's authorities when nil.
    /// - Throws: `SocketIOClientError`.
    package static func connect(
        to address: SocketIOAddress,
        by transport: Transport = .websocket,
        namespace: String = "/",
        auth: ByteBuffer? = nil,
        headers: [(String, String)] = [],
        trust: ServerTrust? = nil,
        timeout: Duration = .seconds(10),
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        events: Events = Events()
    ) async throws -> SocketIOClient {
        let endpoint = ClientEndpoint(
            address: address,
            headers: headers,
            trust: address.isSecure ? try trust ?? ServerTrust() : nil,
            timeout: TimeAmount(timeout),
            loop: loop
        )
        let ready = loop.makePromise(of: String.self)
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) { ready.fail(SocketIOClientError.timeout) }
        defer { deadline.cancel() }
        let session = try await loop.submit {
            let session = ClientSession(
                endpoint,
                by: transport,
                namespace: namespace,
                auth: auth,
                events: events,
                ready: ready
            )
            session.begin()
            return NIOLoopBound(session, eventLoop: loop)
        }.get()
        do {
            let id = try await ready.futureResult.get()
            return SocketIOClient(id: id, eventLoop: loop, session: session)
        } catch {
            loop.execute { session.value.close() }
            throw error
        }
    }

    /// Sends an event.
    ///
    /// - Parameter array: `["name",argument,…]`.
    package func emit(_ array: ByteBuffer) {
        onLoop { $0.emit(array, timeout: nil, answered: nil) }
    }

    /// Sends an event and has `answered` called with the answer.
    package func emit(_ array: ByteBuffer, timeout: Duration, answered: @escaping Answered) {
        onLoop { $0.emit(array, timeout: TimeAmount(timeout), answered: answered) }
    }

    /// Sends an event with one argument and waits for the answer's only argument.
    ///
    /// - Throws: `SocketIOClientError`, or the coder's error.
    package func ask<Answer: Decodable & Sendable>(
        _ event: String,
        _ request: some Encodable,
        timeout: Duration = .seconds(10),
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let array = try Self.array(event, request)
        let answer: ByteBuffer = try await withCheckedThrowingContinuation { continuation in
            emit(array, timeout: timeout) { continuation.resume(with: $0) }
        }
        guard let first = try JSONDecoder().decode([Answer].self, from: Data(answer.readableBytesView)).first else {
            throw SocketIOClientError.protocolViolation("an answer without an argument")
        }
        return first
    }

    /// `["name",argument]`
    package static func array(_ event: String, _ argument: some Encodable) throws -> ByteBuffer {
        var array = ByteBuffer(string: "[\"\(event)\",")
        array.writeBytes(try JSONEncoder().encode(argument))
        array.writeString("]")
        return array
    }

    /// Leaves the namespace and closes the connection.
    package func close() { onLoop { $0.close() } }

    private func onLoop(_ body: @escaping @Sendable (ClientSession) -> Void) {
        let session = session
        if eventLoop.inEventLoop {
            body(session.value)
        } else {
            eventLoop.execute { body(session.value) }
        }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) { self = .nanoseconds(Int64(duration / .nanoseconds(1))) }
}
