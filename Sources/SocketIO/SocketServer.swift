public import EngineIO
import NIOConcurrencyHelpers

/// A Socket.IO 5 server.
///
/// ```swift
/// let io = SocketServer(mailboxes: LoopMailboxes(group))
/// io.of("/").on("message") { socket, event in socket.emit(event.renamed("message-back")) }
/// ```
public final class SocketServer: Sendable {
    /// Most namespaces that clients may bring into being at the same time.
    public static let dynamicNamespacesMax = 10_000

    /// The loops that sockets live on.
    public let mailboxes: LoopMailboxes
    /// How long a client may stay connected without joining a namespace.
    public let connectTimeout: Duration
    /// What is remembered of clients that lose their connection; nil when nothing is.
    public let connectionStateRecovery: ConnectionStateRecovery?

    private let state = NIOLockedValueBox(State())

    private struct State {
        var namespaces: [String: Namespace] = [:]
        var families: [NamespaceFamily] = []
        /// How many clients hold each namespace that was made for them.
        var clients: [String: Int] = [:]
    }

    /// A server without namespaces; `of` makes them.
    public init(
        mailboxes: LoopMailboxes,
        connectTimeout: Duration = .seconds(45),
        connectionStateRecovery: ConnectionStateRecovery? = nil
    ) {
        self.mailboxes = mailboxes
        self.connectTimeout = connectTimeout
        self.connectionStateRecovery = connectionStateRecovery
    }

    /// The namespace with this name, made at the first call. A slash in front may be left out.
    public func of(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        return state.withLockedValue { state in
            if let namespace = state.namespaces[name] { return namespace }
            let namespace = Namespace(name: name, mailboxes: mailboxes, recovery: connectionStateRecovery)
            state.namespaces[name] = namespace
            return namespace
        }
    }

    /// Makes namespaces as clients ask for them: dynamic namespaces.
    ///
    /// Such a namespace goes with its last client, and with it what it remembered; a later client gets a new one.
    ///
    /// - Parameters:
    ///   - matches: Whether a client may have a namespace of this name, given how the client came.
    ///   - setUp: Registers the handlers of a new namespace, before its first client.
    public func of(
        where matches: @escaping @Sendable (_ name: String, Handshake) async -> Bool,
        setUp: @escaping @Sendable (Namespace) -> Void
    ) {
        state.withLockedValue { $0.families.append(NamespaceFamily(matches: matches, setUp: setUp)) }
    }

    /// Takes a new Engine.IO session; hand it to `EngineServer` as `opened`.
    public func open(_ session: EngineSession, in context: LoopContext) -> any EngineSessionHandler {
        Client(server: self, session: session, context: context)
    }

    // MARK: Namespaces of clients

    /// Where a client that asks for a namespace is brought.
    enum Lookup {
        case found(Namespace)
        case perhaps([NamespaceFamily])
        case none
    }

    /// The namespace of a client that connects, which holds it until `release`.
    func lookUp(_ name: String) -> Lookup {
        state.withLockedValue { state in
            if let namespace = state.namespaces[name] {
                if let count = state.clients[name] { state.clients[name] = count + 1 }
                return .found(namespace)
            }
            return state.families.isEmpty ? .none : .perhaps(state.families)
        }
    }

    /// Makes the namespace that a client asked for, unless none of the families takes it; held as by `lookUp`.
    func make(_ name: String, for handshake: Handshake, of families: [NamespaceFamily]) async -> Namespace? {
        for family in families where await family.matches(name, handshake) {
            // Not under the lock, because it is the program's code.
            let recovery = connectionStateRecovery
            let made = Namespace(name: name, mailboxes: mailboxes, recovery: recovery, owner: self)
            family.setUp(made)
            let taken = state.withLockedValue { state -> Namespace? in
                // Another client may have been faster.
                if let namespace = state.namespaces[name] {
                    if let count = state.clients[name] { state.clients[name] = count + 1 }
                    return namespace
                }
                guard state.clients.count < Self.dynamicNamespacesMax else { return nil }
                state.namespaces[name] = made
                state.clients[name] = 1
                return made
            }
            if taken !== made { await made.adapter.close() }
            return taken
        }
        return nil
    }

    /// A client has let go of a namespace that was made for clients.
    func release(_ namespace: Namespace) {
        let isLast = state.withLockedValue { state in
            guard let count = state.clients[namespace.name] else { return false }
            guard count == 1 else {
                state.clients[namespace.name] = count - 1
                return false
            }
            state.clients[namespace.name] = nil
            state.namespaces[namespace.name] = nil
            return true
        }
        guard isLast else { return }
        // The adapter has no other owner any more; nobody waits for its end.
        Task { await namespace.adapter.close() }
    }
}

/// A rule by which clients bring namespaces into being.
struct NamespaceFamily: Sendable {
    var matches: @Sendable (String, Handshake) async -> Bool
    var setUp: @Sendable (Namespace) -> Void
}
