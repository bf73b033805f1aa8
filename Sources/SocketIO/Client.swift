import EngineIO
import NIOCore

/// One connection and its sockets, one for each namespace. Confined to the session's home loop.
final class Client: EngineSessionHandler, @unchecked Sendable {
    /// Most namespaces that one connection may be in.
    static let namespacesMax = 50

    let server: SocketServer
    let session: EngineSession
    var sockets: [String: Socket] = [:]
    /// Namespaces whose middlewares have not decided yet.
    var connecting: Set<String> = []
    private var partial: PartialPacket?
    var connectDeadline: Scheduled<Void>?

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

    /// Disconnects a socket; the client may connect to its namespace again.
    func disconnect(_ socket: Socket) {
        guard sockets[socket.namespace.name] === socket else { return }
        sockets[socket.namespace.name] = nil
        socket.send(PacketEncoder.control(.disconnect, namespace: socket.namespace.name))
        socket.left(.serverNamespaceDisconnect)
    }

    /// Disconnects all sockets, and then the client.
    func disconnect() {
        for socket in sockets.values { disconnect(socket) }
        session.close()
    }
}
