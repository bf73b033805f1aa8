public import EngineIO
import NIOConcurrencyHelpers
import NIOCore

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
    /// The Engine.IO session that carries it, and the sockets of the client's other namespaces.
    public let connection: EngineSession
    /// Whether the client goes on where it lost its connection, with its rooms and data.
    public let recovered: Bool
    /// What the client has to know to come back as this socket; nil without connection state recovery.
    let privateID: String?
    private weak let client: Client?

    let inbox = Inbox()
    private let state: NIOLockedValueBox<State>

    /// Whether the adapter knows the socket, and the rooms it joined. Touched inside `LoopMailboxes.inOrder` only.
    nonisolated(unsafe) var isMember = false
    nonisolated(unsafe) var joinedRooms: Set<Room> = []

    private struct State {
        var data = SocketData()
        var waiters: [Int: Waiter] = [:]
    }

    private struct Waiter {
        var answered: @Sendable (Result<Payload, AcknowledgementError>) -> Void
        var deadline: Scheduled<Void>?
    }

    init(namespace: Namespace, handshake: Handshake, client: Client, recovering: Client.Recovery? = nil) {
        self.namespace = namespace
        self.handshake = handshake
        self.client = client
        connection = client.session
        id = recovering?.session.id ?? EngineSessionID.make()
        recovered = recovering != nil
        privateID = recovering?.privateID ?? namespace.local.recovery.map { _ in EngineSessionID.make() }
        state = NIOLockedValueBox(State(data: recovering?.session.data ?? SocketData()))
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
                namespace.mailboxes.post(on: connection) { [connection] _ in
                    continuation.resume(returning: connection.transportName)
                }
            }
        }
    }

    // MARK: Data

    /// What the application attached to the socket under a key. A `SharedSocketDataKey`'s is seen by other servers too.
    public subscript<Key: SocketDataKey>(key: Key.Type) -> Key.Value? {
        get { state.withLockedValue { $0.data[key] } }
        set { state.withLockedValue { $0.data[key] = newValue } }
    }

    /// All that the application attached.
    var data: SocketData { state.withLockedValue { $0.data } }

    // MARK: Out

    /// Sends an event.
    ///
    /// - Throws: `EncodingError` when a value cannot be encoded.
    public func emit<each Item: Encodable>(_ event: String, _ items: repeat each Item) throws {
        emit(try PayloadCoding.array(event, repeat each items))
    }

    /// Sends an event as it is: `["name",arg,…]`.
    public func emit(_ event: Payload, volatile: Bool = false) {
        namespace.local.emit(event, to: self, volatile: volatile)
    }

    /// Sends an event and waits for the client's answer. A cancelled task waits no longer; a late answer is ignored.
    ///
    /// - Returns: The arguments of the answer, a JSON array.
    /// - Throws: `AcknowledgementError` when the answer does not come in time or the client disconnects;
    ///   `CancellationError`.
    public func emitWithAck(_ event: Payload, timeout: Duration) async throws -> Payload {
        let id = namespace.local.nextAcknowledgementID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                emit(event, id: id, timeout: timeout) { result in
                    switch result {
                    case .failure(.cancelled): continuation.resume(throwing: CancellationError())
                    case .failure(let error): continuation.resume(throwing: error)
                    case .success(let arguments): continuation.resume(returning: arguments)
                    }
                }
                // The handler below may have run before there was anybody to wake.
                if Task.isCancelled { settle(id, .failure(.cancelled)) }
            }
        } onCancel: {
            settle(id, .failure(.cancelled))
        }
    }

    /// Sends an event; `answered` is called once, with the arguments of the client's answer or why there are none.
    private func emit(
        _ event: Payload,
        id: Int,
        timeout: Duration,
        answered: @escaping @Sendable (Result<Payload, AcknowledgementError>) -> Void
    ) {
        let deadline = namespace.mailboxes.loops[0].scheduleTask(in: TimeAmount(timeout)) { [weak self] in
            _ = self?.settle(id, .failure(.timeout))
        }
        expectAcknowledgement(id, deadline: deadline, answered)
        if isConnected {
            send(PacketEncoder.event(event, namespace: namespace.name, id: id))
        } else {
            settle(id, .failure(.disconnected))
        }
    }

    /// Has `answered` called once, when the client answers the event with this id or `settle` is called.
    func expectAcknowledgement(
        _ id: Int,
        deadline: Scheduled<Void>? = nil,
        _ answered: @escaping @Sendable (Result<Payload, AcknowledgementError>) -> Void
    ) {
        state.withLockedValue { $0.waiters[id] = Waiter(answered: answered, deadline: deadline) }
    }

    /// Ends the wait for an answer; false when nobody waits.
    @discardableResult
    func settle(_ id: Int, _ result: Result<Payload, AcknowledgementError>) -> Bool {
        guard let waiter = state.withLockedValue({ $0.waiters.removeValue(forKey: id) }) else { return false }
        waiter.deadline?.cancel()
        waiter.answered(result)
        return true
    }

    func send(_ packets: [OutboundPacket], volatile: Bool = false) {
        connection.send(packets, volatile: volatile)
    }

    // MARK: Rooms

    /// Joins rooms. A socket that has disconnected joins nothing.
    public func join(_ rooms: Room...) { join(rooms) }

    /// Joins rooms. A socket that has disconnected joins nothing.
    public func join(_ rooms: [Room]) { namespace.local.join(self, rooms) }

    /// Leaves rooms.
    public func leave(_ rooms: Room...) { namespace.local.leave(self, rooms) }

    // MARK: End

    /// Disconnects the client from the namespace; with `closeTransport` from all namespaces, and closes the connection.
    ///
    /// The stock client takes this as final and does not come back by itself. `connection.close()` only cuts it off.
    public func disconnect(closeTransport: Bool = false) {
        namespace.mailboxes.post(on: connection) { _ in
            if closeTransport { self.client?.disconnect() } else { self.client?.disconnect(self) }
        }
    }

    /// Ends the connection on this side; the application hears of it once, behind the events that came before.
    func left(_ reason: DisconnectReason) {
        namespace.goes(self, reason)
        guard namespace.local.remove(self, isRecoverable: reason.isRecoverable) else { return }
        let open = state.withLockedValue { state in
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in open {
            waiter.deadline?.cancel()
            waiter.answered(.failure(.disconnected))
        }
        inbox.append(.disconnection(reason), of: self)
        namespace.release()
    }
}

extension Socket: Hashable {
    /// A socket equals only itself.
    public static func == (left: Socket, right: Socket) -> Bool { left === right }

    /// By identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Why no acknowledgement came.
public enum AcknowledgementError: Error {
    /// The client did not answer in time.
    case timeout
    /// The client disconnected.
    case disconnected
    /// Nobody waits for it any more.
    case cancelled
}
