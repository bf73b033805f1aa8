internal import Logging
internal import NIOCore

/// Who owns a connection and is told what happens on it, always on the connection's event loop.
protocol RedisConnectionOwner: AnyObject, Sendable {
    func connectionReady(_ connection: RedisConnection)
    func connectionWritable(_ connection: RedisConnection)
    func connectionReceived(_ push: RedisPush)
    func connectionAnswered(_ waiting: RedisWaiting, _ value: RedisValue)
    func connectionPublishRefused(_ text: String)
    /// There is no connection, because of `error`; another attempt follows.
    func connectFailed(_ error: any Error)
    /// The connection has ended; `unanswered` are the commands whose replies will not come.
    func connectionClosed(_ connection: RedisConnection, unanswered: [RedisWaiting], error: RedisError)
}

/// What a command that was sent waits for.
enum RedisWaiting {
    case call(RedisCall)
    /// ASKING, which lets a node of a cluster take the next command.
    case asking
    /// `generation` tells a subscription from an earlier one to the same name whose confirmation is still on its way.
    case subscribe(SubscriptionKey, generation: Int)
    case unsubscribe(SubscriptionKey)
    case ping(sentAt: NIODeadline)
    /// CLUSTER SLOTS.
    case topology
}

/// One connection to Redis: the shell around `RedisConnectionStateMachine`. Bound to its channel's event loop.
final class RedisConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How long Redis has for the handshake.
    static let handshakeTimeout = TimeAmount.seconds(5)
    /// How often an open connection is probed.
    static let pingInterval = TimeAmount.seconds(5)
    /// A connection on which nothing came for so long is given up. A Redis that is busy with one slow command for
    /// ten seconds comes back on the same connection.
    static let silenceMax = TimeAmount.seconds(15)
    /// Above the higher mark the owner keeps what it has in its own bounded queue.
    static let writeBufferBytes = ChannelOptions.Types.WriteBufferWaterMark(low: 256 << 10, high: 1 << 20)

    private let configuration: RedisConfiguration
    private let owner: any RedisConnectionOwner
    private let logger: Logger
    private let reader = RedisReader()
    private var state: RedisConnectionStateMachine<RedisWaiting>
    private var context: ChannelHandlerContext?
    /// First the handshake's deadline, then the next probe.
    private var timer: Scheduled<Void>?
    private var heardAt = NIODeadline.now()
    private var failure = RedisError.connectionLost

    init(
        role: RedisConnectionStateMachine<RedisWaiting>.Role,
        configuration: RedisConfiguration,
        owner: any RedisConnectionOwner,
        logger: Logger = Logger(label: "redis")
    ) {
        self.configuration = configuration
        self.owner = owner
        self.logger = logger
        state = RedisConnectionStateMachine(role: role, handshake: Self.handshake(configuration).count)
    }

    // MARK: Sending

    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Writes one command; `flush` sends what was written.
    func write(_ bytes: ByteBuffer, waiting: RedisWaiting) {
        state.sent(waiting)
        write(bytes)
    }

    /// Writes `count` encoded publishes.
    func writePublishes(_ bytes: ByteBuffer, count: Int) {
        state.sentPublishes(count)
        write(bytes)
    }

    func flush() { context?.flush() }

    private func write(_ bytes: ByteBuffer) {
        // No promise: when a write fails the channel closes, and that is what the owner hears.
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Gives the connection up because of `error`.
    func close(_ error: RedisError) {
        failure = error
        context?.close(promise: nil)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        let unanswered = state.closed()
        owner.connectionClosed(self, unanswered: unanswered, error: failure)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("Redis connection failed", metadata: ["error": "\(error)"])
        if configuration.tls != nil, !state.isReady { failure = .invalidTLS("\(error)") }
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, state.isReady { owner.connectionWritable(self) }
        context.fireChannelWritabilityChanged()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heardAt = .now()
        do throws(RedisError) {
            try reader.feed(unwrapInboundIn(data)) { value throws(RedisError) in perform(state.received(value)) }
        } catch {
            close(error)
        }
    }

    private func perform(_ action: RedisConnectionStateMachine<RedisWaiting>.Action) {
        switch action {
        case .none: break
        case .becomeReady: becomeReady()
        case .answer(let waiting, let value): owner.connectionAnswered(waiting, value)
        case .publishRefused(let text): owner.connectionPublishRefused(text)
        case .push(let push): owner.connectionReceived(push)
        case .close(let error): close(error)
        }
    }

    // MARK: Handshake

    private static func handshake(_ configuration: RedisConfiguration) -> [[String]] {
        var commands: [[String]] = []
        if let password = configuration.password {
            commands.append(["AUTH"] + (configuration.username.map { [$0] } ?? []) + [password])
        }
        if configuration.database != 0 { commands.append(["SELECT", String(configuration.database)]) }
        // A server that is still loading its data set says so in answer to PING.
        return commands + [["PING"]]
    }

    private func begin() {
        guard let context, timer == nil else { return }
        var bytes = context.channel.allocator.buffer(capacity: 128)
        for command in Self.handshake(configuration) {
            bytes.writeCommand(command[0], Array(command.dropFirst()))
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.handshakeTimeout) { [self] in
            close(.timeout(command: "the handshake"))
        }
    }

    private func becomeReady() {
        timer?.cancel()
        scheduleProbe()
        owner.connectionReady(self)
    }

    private func scheduleProbe() {
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: Self.pingInterval) { [self] in probe() }
    }

    private func probe() {
        guard NIODeadline.now() - heardAt < Self.silenceMax else {
            return close(.timeout(command: "PING"))
        }
        var bytes = ByteBuffer()
        bytes.writeCommand("PING", [])
        write(bytes, waiting: .ping(sentAt: .now()))
        flush()
        scheduleProbe()
    }
}
