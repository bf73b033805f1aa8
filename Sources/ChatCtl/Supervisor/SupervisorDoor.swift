import Foundation
import NIOCore
import NIOPosix

/// The supervisor's socket: other chatctl commands of the same user ask it to scale and to restart.
///
/// Only the owner of the data directory can connect: the socket has mode 0600.
struct SupervisorDoor: Sendable {
    /// A request is one short line.
    static let requestBytesMax = 64 * 1024

    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let path: String

    /// Carries out what is asked, until the task is cancelled.
    func serve(
        _ handle:
            @escaping @Sendable (SupervisorRequest, @escaping @Sendable (SupervisorEvent) -> Void) async throws ->
            Void
    ) async throws {
        let server: NIOAsyncChannel<Connection, Never>
        do {
            server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Connection(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw Failure(.unavailable, "cannot make the socket \(path): \(error)")
        }
        chmod(path, 0o600)
        defer { unlink(path) }
        try await server.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask { try? await answer(connection, handle) }
                }
            }
        }
    }

    private func answer(
        _ connection: Connection,
        _ handle: @Sendable (SupervisorRequest, @escaping @Sendable (SupervisorEvent) -> Void) async throws -> Void
    ) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var lines = LineSplitter(bytesMax: Self.requestBytesMax)
            var request: SupervisorRequest?
            for try await bytes in inbound {
                guard let line = try lines.add(bytes).first else { continue }
                request = try JSONDecoder().decode(SupervisorRequest.self, from: Data(line.utf8))
                break
            }
            guard let request else { return }
            // Whoever asked may go away: what was begun is brought to its end all the same.
            let (events, feed) = AsyncStream.makeStream(of: SupervisorEvent.self)
            async let handling: Void = {
                do {
                    try await handle(request) { feed.yield($0) }
                    feed.yield(.done)
                } catch {
                    let failure = Failure(describing: error)
                    feed.yield(.failed(code: failure.kind.rawValue, message: failure.message, hint: failure.hint))
                }
                feed.finish()
            }()
            for await event in events {
                try? await outbound.write(ByteBuffer(string: JSONText.encode(event) + "\n"))
            }
            await handling
        }
    }
}

/// Cuts bytes at newlines.
struct LineSplitter {
    struct TooLong: Error {}

    let bytesMax: Int
    private var pending = ByteBuffer()

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// The lines that are complete now.
    mutating func add(_ bytes: ByteBuffer) throws -> [String] {
        pending.writeImmutableBuffer(bytes)
        var lines: [String] = []
        while let end = pending.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(pending.readString(length: end - pending.readerIndex) ?? "")
            pending.moveReaderIndex(forwardBy: 1)
        }
        pending.discardReadBytes()
        guard pending.readableBytes <= bytesMax else { throw TooLong() }
        return lines
    }
}
