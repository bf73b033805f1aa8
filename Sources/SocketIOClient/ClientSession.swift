internal import Foundation
internal import NIOCore

/// One connection's Engine.IO and Socket.IO state, whatever carries it. Confined to the endpoint's event loop.
final class ClientSession: TransportOwner {
    private enum State {
        /// Awaits the open packet, then the answer to CONNECT.
        case connecting
        case connected
        case closed
    }

    private struct ConnectPacket: Decodable {
        var sid: String
    }

    private let endpoint: ClientEndpoint
    private let way: SocketIOClient.Transport
    private let namespace: String
    private let auth: ByteBuffer?
    private let events: SocketIOClient.Events
    /// The socket's id, once connected the way that was asked for.
    let ready: EventLoopPromise<String>

    private var state = State.connecting
    private var transport: (any ClientTransport)?
    private var upgrade: ClientUpgrade?
    private var socketID: String?
    private var patience = TimeAmount.seconds(45)
    private var silence: Scheduled<Void>?
    private var nextID = 0
    private var waiting: [Int: (answered: SocketIOClient.Answered, deadline: Scheduled<Void>)] = [:]
    /// Frames of attachments that are still to come; their packet is not read.
    private var attachmentsToSkip = 0

    init(
        _ endpoint: ClientEndpoint,
        by way: SocketIOClient.Transport,
        namespace: String,
        auth: ByteBuffer?,
        events: SocketIOClient.Events,
        ready: EventLoopPromise<String>
    ) {
        self.endpoint = endpoint
        self.way = way
        self.namespace = namespace
        self.auth = auth
        self.events = events
        self.ready = ready
    }

    /// Begins to connect; `ready` tells what comes of it.
    func begin() {
        switch way {
        case .websocket: WebSocketTransport.open(endpoint, owner: self)
        case .polling, .upgrade: _ = PollingTransport(endpoint, owner: self)
        }
    }

    func began(_ transport: any ClientTransport) {
        guard state != .closed else { return transport.close() }
        self.transport = transport
        awaitPing()
    }

    /// A WebSocket has taken over.
    func upgraded(to socket: WebSocketTransport) {
        upgrade = nil
        transport = socket
        if let socketID { ready.succeed(socketID) }
    }

    // MARK: Out

    func emit(_ array: ByteBuffer, timeout: TimeAmount?, answered: SocketIOClient.Answered?) {
        guard state == .connected else {
            answered?(.failure(.closed))
            return
        }
        var packet = ByteBuffer(string: "42\(prefix)")
        if let answered, let timeout {
            let id = nextID
            nextID += 1
            packet.writeString(String(id))
            let deadline = endpoint.loop.assumeIsolated().scheduleTask(in: timeout) {
                guard let waiter = self.waiting.removeValue(forKey: id) else { return }
                waiter.answered(.failure(.timeout))
            }
            waiting[id] = (answered, deadline)
        }
        packet.writeImmutableBuffer(array)
        write(packet)
    }

    /// `/admin,` for a namespace of its own.
    private var prefix: String { namespace == "/" ? "" : "\(namespace)," }

    func close() {
        guard state != .closed else { return }
        if state == .connected { write(ByteBuffer(string: "41\(prefix)")) }
        let (transport, upgrade) = (transport, upgrade)
        end()
        upgrade?.abandon()
        transport?.close()
    }

    private func write(_ packet: ByteBuffer) { transport?.send(packet) }

    // MARK: In

    func receivedBinary(_ content: ByteBuffer) { attachmentsToSkip = max(0, attachmentsToSkip - 1) }

    func received(_ packet: ByteBuffer) {
        var packet = packet
        switch packet.readInteger(as: UInt8.self) {
        case UInt8(ascii: "0"): opened(packet)
        case UInt8(ascii: "1"): transport?.close()
        case UInt8(ascii: "2"):
            write(ByteBuffer(string: "3"))
            awaitPing()
        case UInt8(ascii: "4"): receiveMessage(packet)
        default: break
        }
    }

    private func opened(_ json: ByteBuffer) {
        guard let open = try? JSONDecoder().decode(OpenPacket.self, from: Data(json.readableBytesView)) else {
            return violated("the open packet cannot be read")
        }
        patience = .milliseconds(open.pingInterval + open.pingTimeout)
        awaitPing()
        transport?.opened(open)
        if way == .upgrade { beginUpgrade(open) }
        var connect = ByteBuffer(string: "40\(prefix)")
        if let auth { connect.writeImmutableBuffer(auth) }
        write(connect)
    }

    private func beginUpgrade(_ open: OpenPacket) {
        guard open.upgrades.contains("websocket"), let polling = transport as? PollingTransport else {
            return violated("the server offers no upgrade to a WebSocket")
        }
        let upgrade = ClientUpgrade(of: polling, session: self)
        self.upgrade = upgrade
        WebSocketTransport.open(endpoint, sid: open.sid, owner: upgrade)
    }

    private func receiveMessage(_ message: ByteBuffer) {
        var message = message
        let type = message.readInteger(as: UInt8.self)
        if type == UInt8(ascii: "5") || type == UInt8(ascii: "6") {
            attachmentsToSkip = message.readNumber() ?? 0
            return
        }
        if message.getInteger(at: message.readerIndex, as: UInt8.self) == UInt8(ascii: "/") {
            let comma = message.readableBytesView.firstIndex(of: UInt8(ascii: ",")) ?? message.writerIndex
            message.moveReaderIndex(to: min(comma + 1, message.writerIndex))
        }
        switch type {
        case UInt8(ascii: "0"): connected(message)
        case UInt8(ascii: "1"): transport?.close()
        case UInt8(ascii: "2"):
            // An id asks for an answer; this client has none to give.
            _ = message.readNumber()
            if let event = SocketIOClient.Event(array: message) { events.received(event) }
        case UInt8(ascii: "3"):
            guard let id = message.readNumber(), let waiter = waiting.removeValue(forKey: id) else { return }
            waiter.deadline.cancel()
            waiter.answered(.success(message))
        case UInt8(ascii: "4"):
            failed(.connectError(String(buffer: message)))
            transport?.close()
        default: violated("a packet of an unknown type")
        }
    }

    private func connected(_ json: ByteBuffer) {
        guard let packet = try? JSONDecoder().decode(ConnectPacket.self, from: Data(json.readableBytesView)) else {
            return violated("the answer to CONNECT cannot be read")
        }
        state = .connected
        socketID = packet.sid
        if upgrade == nil { ready.succeed(packet.sid) }
    }

    private func violated(_ detail: String) {
        failed(.protocolViolation(detail))
        transport?.close()
    }

    // MARK: End

    /// A server that stays silent longer than its pings allow is gone.
    private func awaitPing() {
        silence?.cancel()
        silence = endpoint.loop.assumeIsolated().scheduleTask(in: patience) { self.transport?.close() }
    }

    /// Why there is no connection, as long as there is none.
    func failed(_ error: SocketIOClientError) { ready.fail(error) }

    func closed() {
        let upgrade = upgrade
        end()
        upgrade?.abandon()
    }

    private func end() {
        guard state != .closed else { return }
        let wasConnected = state == .connected
        state = .closed
        silence?.cancel()
        // Each holds the other.
        (transport, upgrade) = (nil, nil)
        let open = waiting.values
        waiting = [:]
        for waiter in open {
            waiter.deadline.cancel()
            waiter.answered(.failure(.closed))
        }
        if wasConnected { events.closed() } else { failed(.closed) }
    }
}

extension ByteBuffer {
    /// Decimal digits at the reader index.
    fileprivate mutating func readNumber() -> Int? {
        var number: Int?
        while let digit = getInteger(at: readerIndex, as: UInt8.self),
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
        {
            number = (number ?? 0) &* 10 &+ Int(digit - UInt8(ascii: "0"))
            moveReaderIndex(forwardBy: 1)
        }
        return number
    }
}
