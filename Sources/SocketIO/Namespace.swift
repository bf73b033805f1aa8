import EngineIO
import NIOConcurrencyHelpers
import NIOCore

/// A channel of its own within one connection: own handlers, middlewares and rooms.
///
/// Set it up before clients connect: handlers apply to every socket of the namespace, so that an idle socket costs no
/// closures of its own.
public final class Namespace: Sendable {
    /// With its slash.
    public let name: String
    /// Serves this server's sockets, whatever adapter stands in front of it.
    public let local: LocalAdapter

    /// Decides on a connection before it is made; throws `ConnectError` to refuse it.
    public typealias Middleware = @Sendable (Socket) async throws -> Void

    let mailboxes: LoopMailboxes
    /// For a namespace that was made because a client asked for it: the server, which removes it with its last client.
    private weak let owner: SocketServer?
    private let setup = NIOLockedValueBox(Setup())

    private struct Setup {
        var adapter: (any Adapter)?
        var middlewares: [Middleware] = []
        var connected = Reaction.ConnectionHandler.inline { _ in }
        var disconnecting: (@Sendable (Socket, DisconnectReason) -> Void)?
        var disconnected: (@Sendable (Socket, DisconnectReason) async -> Void)?
        var events: [String: Reaction.EventHandler] = [:]
        var unhandled: Reaction.EventHandler?
        var any: (@Sendable (Socket, Event) -> Void)?
        var serverSide: (@Sendable (Event, (@Sendable (Payload) -> Void)?) -> Void)?
    }

    init(name: String, mailboxes: LoopMailboxes, recovery: ConnectionStateRecovery?, owner: SocketServer? = nil) {
        self.name = name
        self.mailboxes = mailboxes
        self.owner = owner
        local = LocalAdapter(mailboxes: mailboxes, namespace: name, recovery: recovery)
    }

    // MARK: Setting up

    /// Asks `middleware` about each connection, in the order of registration.
    public func use(_ middleware: @escaping Middleware) {
        setup.withLockedValue { $0.middlewares.append(middleware) }
    }

    /// Calls `handler` for each new socket, before any of its events.
    public func onConnection(_ handler: @escaping @Sendable (Socket) -> Void) {
        setup.withLockedValue { $0.connected = .inline(handler) }
    }

    /// Calls `handler` for each new socket; the socket's events wait until it returns.
    public func onConnection(_ handler: @escaping @Sendable (Socket) async -> Void) {
        setup.withLockedValue { $0.connected = .suspending(handler) }
    }

    /// Calls `handler` once for each socket that goes, while it is still in its rooms. Events of the socket may wait for
    /// their handlers yet. It runs on an event loop and must not block.
    public func onDisconnecting(_ handler: @escaping @Sendable (Socket, DisconnectReason) -> Void) {
        setup.withLockedValue { $0.disconnecting = handler }
    }

    /// Calls `handler` once for each socket that is gone, behind its last event.
    public func onDisconnect(_ handler: @escaping @Sendable (Socket, DisconnectReason) async -> Void) {
        setup.withLockedValue { $0.disconnected = handler }
    }

    /// Calls `handler` for each event with this name. It runs on an event loop and must not block.
    public func on(_ event: String, _ handler: @escaping @Sendable (Socket, Event) -> Void) {
        setup.withLockedValue { $0.events[event] = .inline(handler) }
    }

    /// Calls `handler` for each event with this name. The socket's next event waits until it returns.
    public func on(_ event: String, _ handler: @escaping @Sendable (Socket, Event) async -> Void) {
        setup.withLockedValue { $0.events[event] = .suspending(handler) }
    }

    /// Calls `handler` for events that have no handler of their own; without it they are ignored.
    public func onUnhandled(_ handler: @escaping @Sendable (Socket, Event) -> Void) {
        setup.withLockedValue { $0.unhandled = .inline(handler) }
    }

    /// Calls `handler` for every event, before the handler of its name. It runs on an event loop and must not block.
    public func onAny(_ handler: @escaping @Sendable (Socket, Event) -> Void) {
        setup.withLockedValue { $0.any = handler }
    }

    /// Calls `handler` for events that another server of the fleet sent with `serverSideEmit`.
    public func onServerSideEvent(
        _ handler: @escaping @Sendable (Event, _ reply: (@Sendable (Payload) -> Void)?) -> Void
    ) {
        setup.withLockedValue { $0.serverSide = handler }
    }

    /// Puts an adapter in front of the local one.
    public func setAdapter(_ adapter: any Adapter) {
        setup.withLockedValue { $0.adapter = adapter }
    }

    // MARK: For programs

    /// What carries broadcasts; the local adapter unless another one was set.
    public var adapter: any Adapter { setup.withLockedValue { $0.adapter } ?? local }

    /// How many sockets of this server are connected.
    public var socketCount: Int { local.socketCount }

    /// The socket of this server with this id.
    public func socket(_ id: String) -> Socket? { local.socket(id) }

    // MARK: Sockets

    /// Asks the middlewares.
    func admit(_ socket: Socket) async throws {
        for middleware in setup.withLockedValue({ $0.middlewares }) { try await middleware(socket) }
    }

    var hasMiddlewares: Bool { setup.withLockedValue { !$0.middlewares.isEmpty } }

    /// A client has let go of the namespace.
    func release() {
        owner?.release(self)
    }

    /// Tells the program that a socket is about to leave its rooms.
    func goes(_ socket: Socket, _ reason: DisconnectReason) {
        if let handler = setup.withLockedValue({ $0.disconnecting }), socket.isConnected { handler(socket, reason) }
    }

    func reaction(to entry: Inbox.Entry) -> Reaction {
        setup.withLockedValue { setup in
            switch entry {
            case .connection: .connection(setup.connected)
            case .event(let event): .event(event, setup.events[event.name] ?? setup.unhandled, any: setup.any)
            case .disconnection(let reason): .disconnection(reason, setup.disconnected)
            }
        }
    }
}

extension Namespace: ServerSideEventReceiver {
    /// See `onServerSideEvent`.
    public func receiveServerSideEvent(_ event: Payload, reply: (@Sendable (Payload) -> Void)?) {
        guard let handler = setup.withLockedValue({ $0.serverSide }), let text = EventText(event.json) else { return }
        handler(Event(text, attachments: event.attachments, acknowledgement: nil), reply)
    }
}
