internal import NIOCore

/// Takes a session over from long-polling to a WebSocket (Engine.IO 4, "Upgrade"): the WebSocket is tried with a probe
/// while long-polling goes on; once the server has answered, long-polling comes to rest, and the WebSocket says so.
final class ClientUpgrade: TransportOwner {
    private let polling: PollingTransport
    private let session: ClientSession
    private var transport: (any ClientTransport)?
    private var isOver = false

    init(of polling: PollingTransport, session: ClientSession) {
        self.polling = polling
        self.session = session
    }

    func began(_ transport: any ClientTransport) {
        self.transport = transport
        transport.send(ByteBuffer(string: "2probe"))
    }

    func received(_ packet: ByteBuffer) {
        guard packet == ByteBuffer(string: "3probe"), let socket = transport as? WebSocketTransport else {
            return failed(.protocolViolation("no answer to the probe of a WebSocket"))
        }
        polling.rest {
            self.isOver = true
            socket.send(ByteBuffer(string: "5"))
            for packet in self.polling.takeQueue() { socket.send(packet) }
            socket.owner = self.session
            self.session.upgraded(to: socket)
        }
    }

    func receivedBinary(_ content: ByteBuffer) { failed(.protocolViolation("no answer to the probe of a WebSocket")) }

    func failed(_ error: SocketIOClientError) {
        guard !isOver else { return }
        isOver = true
        transport?.close()
        session.failed(error)
        session.close()
    }

    func closed() { failed(.closed) }

    /// The session ended before.
    func abandon() {
        isOver = true
        transport?.close()
    }
}
