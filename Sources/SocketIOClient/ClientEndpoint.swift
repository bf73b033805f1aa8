internal import NIOCore
internal import NIOPosix

/// Where a client connects and how, for every connection that it makes.
struct ClientEndpoint: Sendable {
    let address: SocketIOAddress
    let headers: [(String, String)]
    /// Nil for a connection that is not encrypted.
    let trust: ServerTrust?
    let timeout: TimeAmount
    let loop: any EventLoop

    func bootstrap() -> ClientBootstrap {
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    func secure(_ channel: any Channel) throws {
        guard let trust else { return }
        try channel.pipeline.syncOperations.addHandler(trust.handler(for: address.host))
    }

    /// What a request asks for.
    func target(transport: String, sid: String?) -> String {
        "\(address.path)?EIO=4&transport=\(transport)\(sid.map { "&sid=\($0)" } ?? "")"
    }
}
