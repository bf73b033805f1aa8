import NIOCore

/// One client's session: what it is sent and what it sends, over whatever transport carries it at the moment.
///
/// A session is confined to its home loop. Polling requests that arrive on other loops go there; at an upgrade the
/// home moves to the WebSocket's loop, so that afterwards nothing hops.
public final class EngineSession: @unchecked Sendable {
    /// Unguessable, unique in the fleet, and beginning with the owner's id where one is configured.
    public let id: String
    /// The request that opened the session.
    public let request: EngineRequest
    let server: EngineServer

    /// The loop that the session is confined to. Written inside `LoopMailboxes.inOrder` only.
    public private(set) nonisolated(unsafe) var home: LoopMailboxes.Index
    /// Told inside `LoopMailboxes.inOrder` that the home changes. Touched in there only.
    private nonisolated(unsafe) var followers: [any EngineSessionFollower] = []

    // Everything below is confined to the home loop.

    private(set) var context: LoopContext
    var state = State.open
    var transport: Transport
    /// The WebSocket that has answered the probe and waits for the client's `5`.
    var upgrade: UpgradeProbe?
    /// Which of the session's deadlines stands; all set before have been replaced.
    var deadlineTicket: UInt32 = 0
    var application: (any EngineSessionHandler)?
    private var outbox: [OutboundPacket] = []
    private(set) var outboxBytes = 0
    private var isAwaitingFlush = false

    enum State: Equatable {
        case open
        /// The application has closed it; the polling client has yet to fetch what was sent before.
        case closing(CloseReason)
        case closed
    }

    enum Transport {
        /// With the request that waits for packets.
        case polling(HTTPExchange?)
        case webSocket(WebSocketHandler)
    }

    init(id: String, request: EngineRequest, server: EngineServer, context: LoopContext, transport: Transport) {
        self.id = id
        self.request = request
        self.server = server
        self.context = context
        home = context.index
        self.transport = transport
    }

    // MARK: For the application

    /// `polling` or `websocket`. On the home loop only.
    public var transportName: String {
        switch transport {
        case .polling: "polling"
        case .webSocket: "websocket"
        }
    }

    /// Whether it has not ended. On the home loop only.
    public var isOpen: Bool { state == .open }

    /// Queues packets from any thread.
    public func send(_ packets: [OutboundPacket], volatile: Bool = false) {
        server.mailboxes.post(on: self) { context in self.enqueue(packets, volatile: volatile, in: context) }
    }

    /// Closes from any thread, after what was queued before.
    ///
    /// A polling client that is between two polls gets what is queued with its next one, for which it has
    /// `EngineConfiguration.closeTimeout`.
    public func close(_ reason: CloseReason = .forcedClose) {
        server.mailboxes.post(on: self) { context in
            guard self.state == .open else { return }
            self.flush()
            guard case .polling(nil) = self.transport, !self.outbox.isEmpty else { return self.end(reason) }
            self.state = .closing(reason)
            self.upgrade?.abandon()
            self.upgrade = nil
            context.loop.assumeIsolated().scheduleTask(in: TimeAmount(self.server.configuration.closeTimeout)) {
                context.turn { self.end(reason) }
            }
        }
    }

    /// Queues packets on the home loop; they leave when the loop's turn ends.
    ///
    /// - Parameter volatile: Drops the packets when the client cannot take them right now.
    public func enqueue(_ packets: [OutboundPacket], volatile: Bool, in context: LoopContext) {
        guard !context.isAwaiting(self) else {
            context.perform(on: self) { self.enqueue(packets, volatile: volatile, in: $0) }
            return
        }
        guard state == .open, !volatile || canTakeNow else { return }
        append(packets)
    }

    /// Tells `follower` of the session's moves from now on.
    public func follow(_ follower: any EngineSessionFollower, in order: borrowing LoopMailboxes.Order) {
        followers.append(follower)
    }

    /// Tells `follower` of nothing more.
    public func unfollow(_ follower: any EngineSessionFollower, in order: borrowing LoopMailboxes.Order) {
        followers.removeAll { $0 === follower }
    }

    // MARK: Outbox

    private var canTakeNow: Bool {
        switch transport {
        case .polling(let poll): poll != nil
        case .webSocket(let socket): socket.isWritable
        }
    }

    func append(_ packets: [OutboundPacket]) {
        outbox.append(contentsOf: packets)
        for packet in packets { outboxBytes += packet.byteCount }
        let configuration = server.configuration
        if outboxBytes > configuration.outboxBytesMax || outbox.count > configuration.outboxPacketsMax {
            flush()
            if outboxBytes > configuration.outboxBytesMax || outbox.count > configuration.outboxPacketsMax {
                end(.slowConsumer)
            }
        } else if !isAwaitingFlush {
            isAwaitingFlush = true
            context.flushLater(self)
        }
    }

    /// Hands what is queued to the transport, as far as it takes it.
    func flush() {
        isAwaitingFlush = false
        guard state != .closed, !outbox.isEmpty else { return }
        switch transport {
        case .polling(nil):
            break
        case .polling(let poll?):
            transport = .polling(nil)
            answer(poll, with: outbox)
            emptyOutbox(of: outbox.count)
        case .webSocket(let socket):
            var written = 0
            while written < outbox.count, socket.isWritable {
                socket.write(outbox[written].frame)
                written += 1
            }
            guard written > 0 else { return }
            emptyOutbox(of: written)
            socket.flush()
        }
    }

    private func emptyOutbox(of count: Int) {
        if count == outbox.count {
            // Keeps no memory for an idle socket.
            outbox = []
            outboxBytes = 0
        } else {
            for packet in outbox[..<count] { outboxBytes -= packet.byteCount }
            outbox.removeFirst(count)
        }
    }

    // MARK: In

    /// Takes a packet of the client, whichever transport it came over.
    func receive(_ packet: InboundPacket, in context: LoopContext) {
        guard state == .open else { return }
        switch packet {
        case .message(let message):
            application?.received(message, in: context)
        case .pong:
            beginPingInterval()
        case .close:
            end(.transportClose)
        case .ping, .upgrade, .noop:
            // In revision 4 the server sends the pings; a probe or an upgrade has its place on a second connection.
            end(.transportError)
        }
    }

    // MARK: End

    /// Ends the session; the application hears of it once.
    func end(_ reason: CloseReason) {
        guard state != .closed else { return }
        state = .closed
        deadlineTicket &+= 1
        outbox = []
        outboxBytes = 0
        server.forget(self)
        upgrade?.abandon()
        upgrade = nil
        switch transport {
        case .polling(let poll):
            transport = .polling(nil)
            if let poll { answer(poll, with: [reason == .transportClose ? .noop : .close]) }
        case .webSocket(let socket):
            socket.close(reason == .slowConsumer ? .policyViolation : .normal)
        }
        let application = application.take()
        application?.closed(reason, in: context)
    }

    // MARK: Moving

    /// Makes `destination` the home and has `arrived` called there once this loop has let go of the session's state.
    ///
    /// What was posted to the session before the move is done here, what is posted after it there, in that order.
    func move(to destination: LoopMailboxes.Index, then arrived: @escaping @Sendable () -> Void) {
        let origin = context
        server.mailboxes.inOrder { order in
            home = destination
            for follower in followers { follower.sessionMoves(from: origin.index, to: destination, in: &order) }
            order.post(to: destination) { context in context.await(self) }
            // Behind everything that was posted to the old home before.
            order.post(to: origin.index) { _ in self.leave(origin, for: destination, arrived) }
        }
    }

    private func leave(
        _ origin: LoopContext,
        for destination: LoopMailboxes.Index,
        _ arrived: @escaping @Sendable () -> Void
    ) {
        origin.forget(self)
        isAwaitingFlush = false
        server.mailboxes.inOrder { order in
            order.post(to: destination) { context in
                self.context = context
                arrived()
                context.arrived(self)
            }
        }
    }
}

/// The application's half of a session. Called on the session's home loop, never at the same time.
public protocol EngineSessionHandler: AnyObject, Sendable {
    /// A message arrived.
    func received(_ message: EngineMessage, in context: LoopContext)
    /// The session ended; nothing follows.
    func closed(_ reason: CloseReason, in context: LoopContext)
}

/// Keeps state of its own on a session's home loop and has to move it along.
public protocol EngineSessionFollower: AnyObject, Sendable {
    /// The session's home changes at this place in the order.
    func sessionMoves(from: LoopMailboxes.Index, to: LoopMailboxes.Index, in order: inout LoopMailboxes.Order)
}
