internal import Logging
internal import NIOCore
internal import NIOPosix

/// Keeps one connection alive: connects, waits for its end, pauses, connects again.
struct RedisDialer: Sendable {
    /// How long the operating system has to connect.
    static let connectTimeout = TimeAmount.seconds(5)

    let role: RedisConnectionStateMachine<RedisWaiting>.Role
    let configuration: RedisConfiguration
    let eventLoop: any EventLoop
    let logger: Logger

    /// Connects for `owner` until the task is cancelled. A connection that became ready resets the back-off.
    func run(owner: some RedisConnectionOwner, wasReady: @Sendable () -> Bool) async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        while !Task.isCancelled {
            do {
                let channel = try await connect(owner: owner)
                await withTaskCancellationHandler {
                    try? await channel.closeFuture.get()
                } onCancel: {
                    channel.close(promise: nil)
                }
                if wasReady() { backoff.reset() }
            } catch {
                logger.debug("cannot connect to Redis", metadata: ["error": "\(error)"])
                owner.connectFailed(error)
            }
            try? await Task.sleep(for: backoff.next(using: &generator))
        }
    }

    private func connect(owner: some RedisConnectionOwner) async throws -> any Channel {
        // Read at each attempt, so that a renewed file is taken.
        let tls = try configuration.tls.map { try RedisTLS($0, address: configuration.address) }
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(Self.connectTimeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.writeBufferWaterMark, value: RedisConnection.writeBufferBytes)
            .channelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(tls.handler()) }
                    try channel.pipeline.syncOperations.addHandler(
                        RedisConnection(role: role, configuration: configuration, owner: owner, logger: logger)
                    )
                }
            }
        switch configuration.address {
        case .tcp(let host, let port):
            return try await bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port).get()
        case .unix(let path):
            return try await bootstrap.connect(unixDomainSocketPath: path).get()
        }
    }
}
