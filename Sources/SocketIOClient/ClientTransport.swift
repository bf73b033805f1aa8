internal import NIOCore

/// What carries packets of Engine.IO to a server. Confined to the event loop of its session.
protocol ClientTransport: AnyObject {
    /// Sends a packet, in the order of the calls.
    func send(_ packet: ByteBuffer)
    /// Ends the connection after what was sent; its owner hears of it.
    func close()
    /// The server's conditions are known.
    func opened(_ open: OpenPacket)
}

/// Whom a transport tells what came.
protocol TransportOwner: AnyObject {
    /// Packets can be sent.
    func began(_ transport: any ClientTransport)
    func received(_ packet: ByteBuffer)
    /// The content of a binary packet.
    func receivedBinary(_ content: ByteBuffer)
    /// The transport could not be made, or cannot go on; `closed` follows once it had begun.
    func failed(_ error: SocketIOClientError)
    func closed()
}

/// The server's conditions, in the first packet.
struct OpenPacket: Decodable {
    var sid: String
    var upgrades: [String]
    var pingInterval: Int64
    var pingTimeout: Int64
    /// The largest body that the server takes.
    var maxPayload: Int?
}
