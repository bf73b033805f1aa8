import EngineIO
import NIOCore

/// One connection and its sockets, one for each namespace. Confined to the session's home loop.
final class Client: EngineSessionHandler, @unchecked Sendable {
    /// Most namespaces that one connection may be in.
    static let namespacesMax = 50

    private let server: SocketServer
    let session: EngineSession
    private var sockets: [String: Socket] = [:]
    /// Namespaces whose middlewares have not decided yet.
    private var connecting: Set<String> = []
    private var partial: PartialPacket?
    private var connectDeadline: Scheduled<Void>?

    /// A packet whose attachments are still on their way.
    private struct PartialPacket {
        var packet: SocketPacket
        var attachments: [ByteBuffer] = []
    }

    init(server: SocketServer, session: EngineSession, context: LoopContext) {
        self.server = server
        self.session = session
        connectDeadline = server.mailboxes.loops[context.index].scheduleTask(in: TimeAmount(server.connectTimeout)) {
            [session] in session.close()
        }
    }

    // MARK: Messages

    func received(_ message: EngineMessage, in context: LoopContext) {
        do throws(PacketDecoder.Malformed) {
            switch message {
            case .text(let text):
                guard partial == nil else { throw PacketDecoder.Malformed() }
                let packet = try PacketDecoder.decode(text)
                if packet.attachmentCount > 0 {
                    partial = PartialPacket(packet: packet)
                } else {
                    take(packet, attachments: [])
                }
            case .binary(let bytes):
                guard var partial = partial.take() else { throw PacketDecoder.Malformed() }
                partial.attachments.append(bytes)
                if partial.attachments.count == partial.packet.attachmentCount {
                    take(partial.packet, attachments: partial.attachments)
                } else {
                    self.partial = partial
                }
            }
        } catch {
            session.close(.parseError)
        }
    }

    private func take(_ packet: SocketPacket, attachments: [ByteBuffer]) {
        if packet.kind == .connect { return connect(to: packet.namespace, auth: packet.json) }
        guard let socket = sockets[packet.namespace] else {
            // Nothing can be meant for a namespace that the client is not in.
            session.close(.parseError)
            return
        }
        let json = packet.json ?? ByteBuffer()
        switch packet.kind {
        case .event, .binaryEvent:
            guard let text = EventText(json) else { return }
            let acknowledgement = packet.id.map { Acknowledgement(socket: socket, id: $0) }
            socket.inbox.append(
                .event(Event(text, attachments: attachments, acknowledgement: acknowledgement)),
                of: socket
            )
        case .acknowledgement, .binaryAcknowledgement:
            guard let id = packet.id else { return }
            socket.settle(id, .success(Payload(json: json, attachments: attachments)))
        case .disconnect:
            sockets[packet.namespace] = nil
            socket.left(.clientNamespaceDisconnect)
        case .connect, .connectError:
            break
        }
    }

    func closed(_ reason: CloseReason, in context: LoopContext) {
        connectDeadline?.cancel()
        partial = nil
        let sockets = sockets.values
        self.sockets = [:]
        for socket in sockets { socket.left(.connection(reason)) }
    }

    /// Lets go of a socket that the server disconnected; the client may connect to its namespace again.
    func forget(_ socket: Socket) {
        if sockets[socket.namespace.name] === socket { sockets[socket.namespace.name] = nil }
    }

    // MARK: Connecting

    private func connect(to name: String, auth: ByteBuffer?) {
        guard sockets[name] == nil, !connecting.contains(name),
            sockets.count + connecting.count < Self.namespacesMax
        else {
            session.close(.parseError)
            return
        }
        guard let namespace = server.namespace(name) else {
            return refuse(name, ConnectError("Invalid namespace"))
        }
        let handshake = Handshake(request: session.request, auth: auth)
        let socket = Socket(id: EngineSessionID.make(), namespace: namespace, handshake: handshake, client: self)
        guard namespace.hasMiddlewares else { return complete(socket) }
        connecting.insert(name)
        // Lives as long as the middlewares take to decide; what they decide comes back through the session's mailbox.
        Task {
            let refusal = await self.ask(namespace, about: socket)
            server.mailboxes.post(on: session) { _ in
                self.connecting.remove(name)
                if let refusal { self.refuse(name, refusal) } else { self.complete(socket) }
            }
        }
    }

    private func ask(_ namespace: Namespace, about socket: Socket) async -> ConnectError? {
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

    private func refuse(_ name: String, _ error: ConnectError) {
        session.send(PacketEncoder.control(.connectError, namespace: name, json: error.json))
    }

    private func complete(_ socket: Socket) {
        guard session.isOpen else { return }
        connectDeadline?.cancel()
        connectDeadline = nil
        sockets[socket.namespace.name] = socket
        socket.namespace.local.add(socket)
        let answer = ByteBuffer(string: "{\"sid\":\"\(socket.id)\"}")
        socket.send(PacketEncoder.control(.connect, namespace: socket.namespace.name, json: answer))
        socket.inbox.append(.connection, of: socket)
    }
}
