internal import Foundation
package import NIOCore
internal import NIOPosix

/// A TCP connection whose bytes a test writes and reads as it likes, also those that no proper client would send.
package final class TestConnection: Sendable {
    package enum Failure: Error, CustomStringConvertible {
        /// The server closed the connection before what was awaited came; with the bytes that are left.
        case ended(unread: String)
        /// What was awaited did not come in time.
        case tooLate(unread: String)
        /// What came is none of what was awaited.
        case unexpected(String)

        package var description: String {
            switch self {
            case .ended(let unread): "the connection ended, unread: \(unread)"
            case .tooLate(let unread): "nothing came in time, unread: \(unread)"
            case .unexpected(let what): "unexpected: \(what)"
            }
        }
    }

    /// How long a test waits for something that has to come. Generous: it only bounds failures.
    package static let patience = TimeAmount.seconds(60)

    private let channel: any Channel
    private let handler: NIOLoopBound<Reader>

    /// Connects to a port of this machine.
    package static func open(port: Int) async throws -> TestConnection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Reader()) }
            }
            .connect(host: "127.0.0.1", port: port)
            .flatMapThrowing { channel in
                let reader = try channel.pipeline.syncOperations.handler(type: Reader.self)
                return TestConnection(channel, NIOLoopBound(reader, eventLoop: channel.eventLoop))
            }
            .get()
    }

    private init(_ channel: any Channel, _ handler: NIOLoopBound<Reader>) {
        self.channel = channel
        self.handler = handler
    }

    /// Sends bytes.
    package func write(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes).get()
    }

    /// Sends text.
    package func write(_ text: String) async throws {
        try await write(ByteBuffer(string: text))
    }

    /// Waits until `parse` finds what it looks for in the bytes that came and were not read yet.
    ///
    /// - Parameters:
    ///   - waitsForEnd: Looks only once the server has closed the connection.
    ///   - parse: Returns nil when more bytes are needed; what it returned nil for is looked at again.
    /// - Throws: `Failure`, or what `parse` throws.
    package func read<Value: Sendable>(
        atEnd waitsForEnd: Bool = false,
        _ parse: @escaping @Sendable (inout ByteBuffer) throws -> Value?
    ) async throws -> Value {
        let promise = channel.eventLoop.makePromise(of: Value.self)
        let timeout = channel.eventLoop.scheduleTask(in: Self.patience) { [handler] in
            promise.fail(Failure.tooLate(unread: handler.value.unread))
            handler.value.attempt = nil
        }
        channel.eventLoop.execute { [handler] in
            handler.value.attempt = { bytes, hasEnded in
                if waitsForEnd, !hasEnded { return false }
                do {
                    var rest = bytes
                    if let value = try parse(&rest) {
                        bytes = rest
                        promise.succeed(value)
                    } else if hasEnded {
                        throw Failure.ended(unread: String(buffer: bytes))
                    } else {
                        return false
                    }
                } catch {
                    promise.fail(error)
                }
                return true
            }
            handler.value.look()
        }
        defer { timeout.cancel() }
        return try await promise.futureResult.get()
    }

    /// Waits until the server has closed the connection and returns what came before.
    @discardableResult
    package func readToEnd() async throws -> ByteBuffer {
        try await read(atEnd: true) { bytes in
            bytes.readSlice(length: bytes.readableBytes)
        }
    }

    /// Reads nothing from the socket until `startReading`, as a client that hangs would.
    package func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// Goes on after `stopReading`.
    package func startReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Closes the connection at once.
    package func close() {
        channel.close(promise: nil)
    }

    /// Closes with a RST instead of a FIN, as a crashing client would.
    package func reset() async throws {
        guard let socket = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close().get()
    }
}

/// Keeps what comes until the test asks for it.
private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Takes from the bytes what it looks for; true when it need not be called again.
    var attempt: ((inout ByteBuffer, _ hasEnded: Bool) -> Bool)?
    private var bytes = ByteBuffer()
    private var hasEnded = false

    var unread: String { String(buffer: bytes).prefix(400).debugDescription }

    func look() {
        guard let attempt, attempt(&bytes, hasEnded) else { return }
        self.attempt = nil
        bytes.discardReadBytes()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        bytes.writeBuffer(&part)
        look()
    }

    func channelInactive(context: ChannelHandlerContext) {
        hasEnded = true
        look()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
