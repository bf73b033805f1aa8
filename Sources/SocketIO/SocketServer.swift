public import EngineIO
import Synchronization

/// A Socket.IO 5 server.
///
/// ```swift
/// let io = SocketServer(mailboxes: LoopMailboxes(group))
/// io.of("/").on("message") { socket, event in socket.emit(event.renamed("message-back")) }
/// ```
public final class SocketServer: Sendable {
    /// The loops that sockets live on.
    public let mailboxes: LoopMailboxes
    /// How long a client may stay connected without joining a namespace.
    public let connectTimeout: Duration

    private let namespaces = Mutex<[String: Namespace]>([:])

    /// A server without namespaces; `of` makes them.
    public init(mailboxes: LoopMailboxes, connectTimeout: Duration = .seconds(45)) {
        self.mailboxes = mailboxes
        self.connectTimeout = connectTimeout
    }

    /// The namespace with this name, made at the first call. A slash in front may be left out.
    public func of(_ name: String) -> Namespace {
        let name = name.hasPrefix("/") ? name : "/" + name
        return namespaces.withLock { namespaces in
            if let namespace = namespaces[name] { return namespace }
            let namespace = Namespace(name: name, mailboxes: mailboxes)
            namespaces[name] = namespace
            return namespace
        }
    }

    func namespace(_ name: String) -> Namespace? {
        namespaces.withLock { $0[name] }
    }

    /// Takes a new Engine.IO session; hand it to `EngineServer` as `opened`.
    public func open(_ session: EngineSession, in context: LoopContext) -> any EngineSessionHandler {
        Client(server: self, session: session, context: context)
    }
}
