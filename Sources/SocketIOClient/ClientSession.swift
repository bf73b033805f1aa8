internal import Foundation
internal import NIOCore
internal import NIOWebSocket

/// One connection's Engine.IO and Socket.IO state. Confined to the channel's event loop.
final class ClientSession: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private enum State {
        /// Awaits the open packet, then the answer to CONNECT.
        case connecting
        case connected
        case closed
    }

    private struct OpenPacket: Decodable {
        var pingInterval: Int64
        var pingTimeout: Int64
    }

    private struct ConnectPacket: Decodable {
        var sid: String
    }

    private let namespace: String
    private let auth: ByteBuffer?
    private let events: SocketIOClient.Events
    /// The socket's id, once connected.
    let ready: EventLoopPromise<String>

    private var state = State.connecting
    private var context: ChannelHandlerContext?
    private var patience = TimeAmount.seconds(45)
    private var silence: Scheduled<Void>?
    private var nextID = 0
    private var waiting: [Int: (answered: SocketIOClient.Answered, deadline: Scheduled<Void>)] = [:]
    /// Frames of attachments that are still to come; their packet is not read.
    private var attachmentsToSkip = 0

    init(namespace: String, auth: ByteBuffer?, events: SocketIOClient.Events, ready: EventLoopPromise<String>) {
        self.namespace = namespace
        self.auth = auth
        self.events = events
        self.ready = ready
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        awaitPing()
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: Out

    func emit(_ array: ByteBuffer, timeout: TimeAmount?, answered: SocketIOClient.Answered?) {
        guard state == .connected, let context else {
            answered?(.failure(.closed))
            return
        }
        var packet = ByteBuffer(string: "42\(prefix)")
        if let answered, let timeout {
            let id = nextID
            nextID += 1
            packet.writeString(String(id))
            let deadline = context.eventLoop.assumeIsolated().scheduleTask(in: timeout) {
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
        guard state != .closed, let context else { return }
        if state == .connected { write(ByteBuffer(string: "41\(prefix)")) }
        end()
        context.close(promise: nil)
    }

    private func write(_ packet: ByteBuffer) { write(.text, packet) }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        guard let context else { return }
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: receive(frame.unmaskedData)
        case .binary: attachmentsToSkip = max(0, attachmentsToSkip - 1)
        case .ping: write(.pong, frame.unmaskedData)
        case .connectionClose:
            write(.connectionClose, frame.unmaskedData)
            context.close(promise: nil)
        default: break
        }
    }

    private func receive(_ packet: ByteBuffer) {
        var packet = packet
        switch packet.readInteger(as: UInt8.self) {
        case UInt8(ascii: "0"): opened(packet)
        case UInt8(ascii: "1"): context?.close(promise: nil)
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
        var connect = ByteBuffer(string: "40\(prefix)")
        if let auth { connect.writeImmutableBuffer(auth) }
        write(connect)
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
        case UInt8(ascii: "1"): context?.close(promise: nil)
        case UInt8(ascii: "2"):
            // An id asks for an answer; this client has none to give.
            _ = message.readNumber()
            if let event = SocketIOClient.Event(array: message) { events.received(event) }
        case UInt8(ascii: "3"):
            guard let id = message.readNumber(), let waiter = waiting.removeValue(forKey: id) else { return }
            waiter.deadline.cancel()
            waiter.answered(.success(message))
        case UInt8(ascii: "4"):
            fail(.connectError(String(buffer: message)))
            context?.close(promise: nil)
        default: violated("a packet of an unknown type")
        }
    }

    private func connected(_ json: ByteBuffer) {
        guard let packet = try? JSONDecoder().decode(ConnectPacket.self, from: Data(json.readableBytesView)) else {
            return violated("the answer to CONNECT cannot be read")
        }
        state = .connected
        ready.succeed(packet.sid)
    }

    private func violated(_ detail: String) {
        fail(.protocolViolation(detail))
        context?.close(promise: nil)
    }

    // MARK: End

    /// A server that stays silent longer than its pings allow is gone.
    private func awaitPing() {
        silence?.cancel()
        silence = context?.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.context?.close(promise: nil) }
    }

    /// Why there is no connection, as long as there is none.
    func fail(_ error: SocketIOClientError) { ready.fail(error) }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.protocolViolation("\(error)"))
        context.close(promise: nil)
    }

    private func end() {
        guard state != .closed else { return }
        let wasConnected = state == .connected
        state = .closed
        silence?.cancel()
        let open = waiting.values
        waiting = [:]
        for waiter in open {
            waiter.deadline.cancel()
            waiter.answered(.failure(.closed))
        }
        if wasConnected { events.closed() } else { fail(.closed) }
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
