import EngineIO
import Foundation
import NIOCore

extension Client {
    /// What a client that comes back brings along, and what is remembered of it.
    struct Recovery: Sendable {
        var session: RecoveryLog.Session
        var privateID: String
        var offset: String
    }

    /// Takes a CONNECT packet. What does not wait for anybody is decided at once.
    func connect(to name: String, auth: ByteBuffer?) {
        guard sockets[name] == nil, !connecting.contains(name),
            sockets.count + connecting.count < Self.namespacesMax
        else {
            session.close(.parseError)
            return
        }
        let handshake = Handshake(request: session.request, auth: auth)
        switch server.lookUp(name) {
        case .none:
            refuse(name)
        case .found(let namespace):
            connect(to: namespace, handshake)
        case .perhaps(let families):
            decide(name) { [server] in
                await server.make(name, for: handshake, of: families)
            } then: { namespace in
                if let namespace { self.connect(to: namespace, handshake) } else { self.refuse(name) }
            }
        }
    }

    private func connect(to namespace: Namespace, _ handshake: Handshake) {
        let recovery = recover(handshake, in: namespace)
        let socket = Socket(namespace: namespace, handshake: handshake, client: self, recovering: recovery)
        let isKnown = recovery != nil && namespace.local.recovery?.skipsMiddlewares == true
        guard namespace.hasMiddlewares, !isKnown else { return complete(socket, recovery) }
        decide(namespace.name) {
            await Self.ask(namespace, about: socket)
        } then: { refusal in
            if let refusal { self.refuse(namespace, refusal) } else { self.complete(socket, recovery) }
        }
    }

    /// Decides something in its time; meanwhile the client cannot ask for the same namespace again.
    private func decide<Decision: Sendable>(
        _ name: String,
        _ decide: @escaping @Sendable () async -> Decision,
        then act: @escaping @Sendable (Decision) -> Void
    ) {
        connecting.insert(name)
        // Lives as long as the decision takes; what is decided comes back through the session's mailbox.
        Task {
            let decision = await decide()
            server.mailboxes.post(on: session) { _ in
                self.connecting.remove(name)
                act(decision)
            }
        }
    }

    private static func ask(_ namespace: Namespace, about socket: Socket) async -> ConnectError? {
        do {
            try await namespace.admit(socket)
            return nil
        } catch let error as ConnectError {
            return error
        } catch {
            // What went wrong inside is nobody's business outside.
            return ConnectError("Internal error")
        }
    }

    private func refuse(_ namespace: Namespace, _ error: ConnectError) {
        refuse(namespace.name, error)
        namespace.release()
    }

    private func refuse(_ name: String, _ error: ConnectError = ConnectError("Invalid namespace")) {
        session.send(PacketEncoder.control(.connectError, namespace: name, json: error.json))
    }

    private func complete(_ socket: Socket, _ recovery: Recovery?) {
        guard session.isOpen else { return socket.namespace.release() }
        connectDeadline?.cancel()
        connectDeadline = nil
        sockets[socket.namespace.name] = socket
        guard let recovery else {
            socket.namespace.local.add(socket)
            return welcome(socket)
        }
        let isRestored = socket.namespace.local.recovery?.restore(recovery.session, since: recovery.offset) { missed in
            socket.namespace.local.add(socket, to: recovery.session.rooms)
            // In front of the answer, as the reference server does: the client keeps them until it is connected.
            for event in missed { socket.send(PacketEncoder.event(event, namespace: socket.namespace.name)) }
            welcome(socket)
        }
        if isRestored != true {
            // The middlewares have seen a socket that cannot be restored any more; the next one starts anew.
            sockets[socket.namespace.name] = nil
            socket.namespace.release()
            session.close()
        }
    }

    private func welcome(_ socket: Socket) {
        var answer = ByteBuffer(string: "{\"sid\":\"\(socket.id)\"")
        if let privateID = socket.privateID { answer.writeString(",\"pid\":\"\(privateID)\"") }
        answer.writeString("}")
        socket.send(PacketEncoder.control(.connect, namespace: socket.namespace.name, json: answer))
        socket.inbox.append(.connection, of: socket)
    }

    /// What is remembered of a client that says that it comes back.
    private func recover(_ handshake: Handshake, in namespace: Namespace) -> Recovery? {
        struct Claim: Decodable {
            var pid: String
            var offset: String
        }
        guard let recovery = namespace.local.recovery, let claim = try? handshake.decodeAuth(Claim.self),
            let session = recovery.take(claim.pid, offset: claim.offset)
        else { return nil }
        return Recovery(session: session, privateID: claim.pid, offset: claim.offset)
    }
}
