public import EngineIO
import NIOCore
import Synchronization

/// A client's connection to one namespace.
///
/// Its methods may be called from any thread; calls made one after the other take effect in that order.
public final class Socket: Sendable {
    /// Unguessable; also the name of a room that holds only this socket.
    public let id: String
    /// The namespace it is connected to.
    public let namespace: Namespace
    /// How the client came.
    public let handshake: Handshake
    let session: EngineSession
    private weak let client: Client?

    let inbox = Inbox()
    private let store = Mutex<[ObjectIdentifier: any Sendable]>([:])
    private let waiters = Mutex<[Int: @Sendable (Result<Payload, AcknowledgementError>) -> Void]>([:])

    /// Whether the adapter knows the socket, and the rooms it joined. Touched inside `LoopMailboxes.inOrder` only.
    nonisolated(unsafe) var isMember = false
    nonisolated(unsafe) var joinedRooms: Set<Room> = []

    init(id: String, namespace: Namespace, handshake: Handshake, client: Client) {
        self.id = id
        self.namespace = namespace
        self.handshake = handshake
        self.client = client
        session = client.session
    }

    /// The rooms it is in, its own included.
    public var rooms: Set<Room> {
        namespace.mailboxes.inOrder { _ in isMember ? joinedRooms.union([Room(id)]) : [] }
    }

    /// Whether it is connected. It may be over by the time the answer is used.
    public var isConnected: Bool {
        namespace.mailboxes.inOrder { _ in isMember }
    }

    /// `polling` or `websocket`, as it is now.
    public var transportName: String {
        get async {
            await withCheckedContinuation { continuation in
                namespace.mailboxes.post(on: session) { _ in continuation.resume(returning: self.session.transportName)
                }
            }
        }
    }

    /// Closes the connection without saying that it is final, so that the stock client comes back by itself.
    public func closeTransport() { session.close(.serverShuttingDown) }

    // MARK: Data

    /// What the application attached to the socket under a key.
    public subscript<Key: SocketDataKey>(key: Key.Type) -> Key.Value? {
        get { store.withLock { $0[ObjectIdentifier(key)] as? Key.Value } }
        set { store.withLock { $0[ObjectIdentifier(key)] = newValue } }
    }

    // MARK: Out

    /// Sends an event.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded.
    public func emit<each Item: Encodable>(_ event: String, _ items: repeat each Item) throws {
        emit(try PayloadCoding.array(event, repeat each items))
    }

    /// Sends an event as it is: `["name",arg,…]`.
    public func emit(_ event: Payload, volatile: Bool = false) {
        send(PacketEncoder.event(event, namespace: namespace.name), volatile: volatile)
    }

    /// Sends an event and waits for the client's answer.
    ///
    /// - Returns: The arguments of the answer, a JSON array.
    /// - Throws: `AcknowledgementError` when the answer does not come in time or the client disconnects.
    public func emitWithAck(_ event: Payload, timeout: Duration) async throws -> Payload {
        try await withCheckedThrowingContinuation { continuation in
            emit(event, timeout: timeout) { continuation.resume(with: $0) }
        }
    }

    /// Sends an event; `answered` is called once, with the arguments of the client's answer or why there are none.
    func emit(
        _ event: Payload,
        timeout: Duration,
        answered: @escaping @Sendable (Result<Payload, AcknowledgementError>) -> Void
    ) {
        let id = namespace.nextAcknowledgementID()
        expectAcknowledgement(id, timeout: timeout, answered)
        send(PacketEncoder.event(event, namespace: namespace.name, id: id))
    }

    private func expectAcknowledgement(
        _ id: Int,
        timeout: Duration,
        _ answered: @escaping @Sendable (Result<Payload, AcknowledgementError>) -> Void
    ) {
        waiters.withLock { $0[id] = answered }
        namespace.mailboxes.loops[0].scheduleTask(in: TimeAmount(timeout)) { [weak self] in
            self?.settle(id, .failure(.timeout))
        }
        if !isConnected { settle(id, .failure(.disconnected)) }
    }

    func settle(_ id: Int, _ result: Result<Payload, AcknowledgementError>) {
        let waiter = waiters.withLock { $0.removeValue(forKey: id) }
        waiter?(result)
    }

    func send(_ packets: [OutboundPacket], volatile: Bool = false) {
        session.send(packets, volatile: volatile)
    }

    // MARK: Rooms

    /// Joins rooms. A socket that has disconnected joins nothing.
    public func join(_ rooms: Room...) { join(rooms) }

    /// Joins rooms. A socket that has disconnected joins nothing.
    public func join(_ rooms: [Room]) { namespace.local.join(self, rooms) }

    /// Leaves rooms.
    public func leave(_ rooms: Room...) { namespace.local.leave(self, rooms) }

    /// Addresses everybody in a room but this socket.
    public func to(_ rooms: Room...) -> BroadcastOperator { broadcast.to(rooms) }

    /// Addresses everybody in the namespace but this socket.
    public var broadcast: BroadcastOperator {
        BroadcastOperator(adapter: namespace.adapter, options: BroadcastOptions(except: [Room(id)]))
    }

    // MARK: End

    /// Disconnects the client from the namespace; with `closeTransport` from the server.
    ///
    /// The stock client takes this as final and does not come back by itself.
    public func disconnect(closeTransport: Bool = false) {
        if closeTransport {
            session.close()
        } else {
            send(PacketEncoder.control(.disconnect, namespace: namespace.name))
            namespace.mailboxes.post(on: session) { _ in
                self.client?.forget(self)
                self.left(.serverNamespaceDisconnect)
            }
        }
    }

    /// Ends the connection on this side; the application hears of it once, behind the events that came before.
    func left(_ reason: DisconnectReason) {
        guard namespace.local.remove(self) else { return }
        let open = waiters.withLock { waiters in
            defer { waiters = [:] }
            return Array(waiters.values)
        }
        for waiter in open { waiter(.failure(.disconnected)) }
        inbox.append(.disconnection(reason), of: self)
    }
}

extension Socket: Hashable {
    /// A socket equals only itself.
    public static func == (left: Socket, right: Socket) -> Bool { left === right }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Names a value that an application attaches to sockets, and its type.
public protocol SocketDataKey {
    /// What is attached.
    associatedtype Value: Sendable
}

/// Why no acknowledgement came.
public enum AcknowledgementError: Error {
    /// The client did not answer in time.
    case timeout
    /// The client disconnected.
    case disconnected
}

/// Why a socket is no longer connected.
public enum DisconnectReason: Sendable, Equatable {
    /// The client left the namespace.
    case clientNamespaceDisconnect
    /// The server disconnected the client.
    case serverNamespaceDisconnect
    /// The connection ended.
    case connection(CloseReason)

    /// The reference server's text.
    public var text: String {
        switch self {
        case .clientNamespaceDisconnect: "client namespace disconnect"
        case .serverNamespaceDisconnect: "server namespace disconnect"
        case .connection(let reason): reason.rawValue
        }
    }
}
