internal import Foundation
internal import NIOCore
internal import Synchronization

/// An Engine.IO 4 client over either transport.
///
/// Sends and receives packets as they stand on the wire. One task at a time may wait for packets; sending goes on
/// meanwhile. Pings are answered while packets are waited for, if not told otherwise.
package final class TestEngineClient: Sendable {
    package enum Transport: String, CaseIterable, Sendable {
        case polling
        case webSocket
    }

    /// A packet on the wire: a text with its type in front, or the bytes of a message.
    package enum Packet: Sendable, Equatable, ExpressibleByStringInterpolation {
        case text(String)
        case binary([UInt8])

        package init(stringLiteral value: String) { self = .text(value) }
    }

    /// The content of the server's open packet.
    package struct Handshake: Decodable, Sendable {
        package var sid: String
        package var upgrades: [String]
        package var pingInterval: Int
        package var pingTimeout: Int
        package var maxPayload: Int
    }

    package let handshake: Handshake
    /// The open packet as it came.
    package let openPacket: String
    private let port: Int
    private let uri: String
    private let answersPings: Bool
    private let headers: [(String, String)]
    private let state: Mutex<State>

    private struct State {
        var received: [Packet] = []
        var carrier: Carrier
    }

    private enum Carrier {
        /// With the connection of the polls; what is sent has a connection of its own each time.
        case polling(TestConnection)
        case webSocket(TestWebSocket)
    }

    /// Opens a session.
    ///
    /// - Throws: `TestConnection.Failure.unexpected` when the server refuses.
    package static func open(
        _ transport: Transport,
        port: Int,
        path: String = "/engine.io/",
        query: String = "",
        headers: [(String, String)] = [],
        answersPings: Bool = true
    ) async throws -> TestEngineClient {
        let common = "\(path)?EIO=4\(query.isEmpty ? "" : "&\(query)")"
        switch transport {
        case .webSocket:
            let socket = try await TestWebSocket.open(port: port, common + "&transport=websocket", headers: headers)
            return try TestEngineClient(
                open: try await socket.receiveText(),
                port,
                common,
                answersPings,
                headers,
                .webSocket(socket)
            )
        case .polling:
            let connection = try await TestConnection.open(port: port)
            let response = try await connection.request("GET", common + "&transport=polling", headers: headers)
            guard response.status == 200 else {
                connection.close()
                throw TestConnection.Failure.unexpected("\(response.status) \(response.body)")
            }
            var packets = response.body.split(separator: "\u{1e}").map(String.init)
            let client = try TestEngineClient(
                open: packets.removeFirst(),
                port,
                common,
                answersPings,
                headers,
                .polling(connection)
            )
            client.state.withLock { $0.received = packets.map(Packet.init(polled:)) }
            return client
        }
    }

    private init(
        open packet: String,
        _ port: Int,
        _ uri: String,
        _ answersPings: Bool,
        _ headers: [(String, String)],
        _ carrier: Carrier
    ) throws {
        guard packet.hasPrefix("0") else { throw TestConnection.Failure.unexpected(packet) }
        handshake = try JSONDecoder().decode(Handshake.self, from: Data(packet.dropFirst().utf8))
        openPacket = packet
        self.port = port
        self.uri = uri
        self.answersPings = answersPings
        self.headers = headers
        state = Mutex(State(carrier: carrier))
    }

    /// The URI of this session's requests.
    package func uri(_ transport: Transport) -> String {
        "\(uri)&transport=\(transport == .polling ? "polling" : "websocket")&sid=\(handshake.sid)"
    }

    // MARK: Packets

    /// Sends packets, over polling in one request.
    package func send(_ packets: Packet...) async throws {
        switch state.withLock({ $0.carrier }) {
        case .webSocket(let socket):
            for packet in packets {
                switch packet {
                case .text(let text): try await socket.send(text)
                case .binary(let bytes): try await socket.send(bytes)
                }
            }
        case .polling:
            let body = packets.map(\.polled).joined(separator: "\u{1e}")
            let response = try await TestHTTP.request(
                "POST",
                port: port,
                uri(.polling),
                headers: headers,
                body: body
            )
            guard response.status == 200, response.body == "ok" else {
                throw TestConnection.Failure.unexpected("\(response.status) \(response.body)")
            }
        }
    }

    /// Waits for the next packet.
    ///
    /// - Throws: `TestConnection.Failure` when the session has ended.
    package func receive() async throws -> Packet {
        while true {
            let packet = try await receiveAny()
            guard answersPings, packet == "2" else { return packet }
            try await send("3")
        }
    }

    private func receiveAny() async throws -> Packet {
        while true {
            if let packet = state.withLock({ $0.received.isEmpty ? nil : $0.received.removeFirst() }) { return packet }
            switch state.withLock({ $0.carrier }) {
            case .webSocket(let socket):
                switch try await socket.receive() {
                case .text(let text): return .text(text)
                case .binary(let bytes): return .binary(bytes)
                case .close(let code):
                    throw TestConnection.Failure.ended(unread: "closed with \(code.map(String.init) ?? "no code")")
                case .pong: continue
                }
            case .polling:
                let packets = try await poll()
                state.withLock { $0.received += packets }
            }
        }
    }

    /// One poll; its packets are not taken for received ones.
    package func poll() async throws -> [Packet] {
        guard case .polling(let get) = state.withLock({ $0.carrier }) else { return [] }
        let response = try await get.request("GET", uri(.polling), headers: headers)
        guard response.status == 200 else {
            throw TestConnection.Failure.ended(unread: "\(response.status) \(response.body)")
        }
        return response.body.split(separator: "\u{1e}").map { Packet(polled: String($0)) }
    }

    /// Waits until the session has ended, whatever is said before.
    package func receiveEnd() async throws {
        do {
            while true { _ = try await receive() }
        } catch TestConnection.Failure.ended {
        } catch TestConnection.Failure.unexpected {
        } catch is ChannelError {}
    }

    // MARK: Upgrade

    /// Takes the session from polling to WebSocket as the stock client does: probe, let the poll come back, upgrade.
    ///
    /// What comes meanwhile is kept for `receive`, in its order.
    package func upgrade() async throws {
        let socket = try await TestWebSocket.open(port: port, uri(.webSocket), headers: headers)
        let isProbed = Atomic(false)
        async let polled = pollUntil(isProbed)
        try await socket.send("2probe")
        let answer = try? await socket.receiveText()
        isProbed.store(true, ordering: .releasing)
        let packets = try await polled
        guard answer == "3probe" else { throw TestConnection.Failure.unexpected(answer ?? "no answer to the probe") }
        try await socket.send("5")
        state.withLock { state in
            state.received += packets
            state.carrier = .webSocket(socket)
        }
    }

    /// Polls until the probe is answered. The last poll comes back with a noop, or with what was on its way.
    private func pollUntil(_ isProbed: borrowing Atomic<Bool>) async throws -> [Packet] {
        var packets: [Packet] = []
        repeat {
            let polled = try await poll()
            packets += polled.filter { $0 != "6" && $0 != "2" }
            if answersPings, polled.contains("2") { try await send("3") }
        } while !isProbed.load(ordering: .acquiring)
        return packets
    }

    /// The WebSocket that carries the session; nil while it polls.
    package var webSocket: TestWebSocket? {
        guard case .webSocket(let socket) = state.withLock({ $0.carrier }) else { return nil }
        return socket
    }

    /// Drops the connections without a word.
    package func abandon() {
        switch state.withLock({ $0.carrier }) {
        case .polling(let get):
            get.close()
        case .webSocket(let socket):
            socket.close()
        }
    }
}

extension TestEngineClient.Packet {
    fileprivate init(polled text: String) {
        if text.hasPrefix("b"), let data = Data(base64Encoded: String(text.dropFirst())) {
            self = .binary(Array(data))
        } else {
            self = .text(text)
        }
    }

    fileprivate var polled: String {
        switch self {
        case .text(let text): text
        case .binary(let bytes): "b" + Data(bytes).base64EncodedString()
        }
    }
}
