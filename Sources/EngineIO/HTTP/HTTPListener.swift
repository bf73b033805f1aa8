public import NIOCore
public import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Listens for HTTP/1.1 connections.
public enum HTTPListener {
    /// Pending connections that the kernel keeps for a busy process.
    private static let backlog: Int32 = 1_024

    /// Size of the one receive buffer that a connection keeps, in bytes; larger ones are made when much is on its way,
    /// and are not kept.
    private static let receiveBufferBytes = 512
    private static let receiveBufferBytesMax = 65_536

    /// Binds and begins to accept.
    ///
    /// - Parameters:
    ///   - sharesPort: Sets SO_REUSEPORT: several processes listen on one port, and the kernel spreads connections.
    ///   - bodyRule: See `HTTPConnectionHandler`.
    ///   - refusal: See `HTTPConnectionHandler`.
    ///   - handle: Called on the connection's event loop for each request.
    /// - Returns: The listening channel; its `localAddress` tells the port when 0 was asked for.
    /// - Throws: `IOError` when the address cannot be bound.
    public static func bind(
        host: String,
        port: Int,
        sharesPort: Bool = false,
        on group: any EventLoopGroup,
        limits: HTTPConnectionHandler.Limits = HTTPConnectionHandler.Limits(),
        bodyRule: @escaping @Sendable (HTTPRequestHead) -> HTTPConnectionHandler.BodyRule,
        refusal: @escaping HTTPConnectionHandler.Refusal = { _ in ([:], ByteBuffer()) },
        handle: @escaping @Sendable (HTTPExchange) -> Void
    ) async throws -> any Channel {
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(.init(rawValue: SO_REUSEPORT)), value: sharesPort ? 1 : 0)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // By default every connection keeps up to four buffers of 2 kB and more, most of what an idle one costs.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 64,
                    initial: receiveBufferBytes,
                    maximum: receiveBufferBytesMax
                )
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = HTTPConnectionHandler(
                        limits: limits,
                        bodyRule: bodyRule,
                        refusal: refusal,
                        handle: handle
                    )
                    try handler.install(on: channel)
                }
            }
            .bind(host: host, port: port)
            .get()
    }
}
