import Foundation
import NIOCore
import NIOPosix

/// Asks the supervisor of a data directory.
struct SupervisorClient: Sendable {
    /// How long one that is just starting may take to answer.
    static let patience = Duration.seconds(3)
    private static let pause = Duration.milliseconds(50)

    let path: String

    /// The one that runs for this data directory.
    ///
    /// - Throws: `Failure` (unavailable) when none does, with the command of the service manager if one runs instances.
    static func find(_ data: DataDirectory) throws(Failure) -> SupervisorClient {
        guard try data.supervisor() != nil else {
            throw Failure(
                .unavailable,
                "no supervisor runs in \(data.path)",
                hint:
                    "start one: \(Programs.asTyped) up. Instances under systemd or docker are for systemctl and docker"
            )
        }
        return SupervisorClient(path: data.door)
    }

    /// Sends a request and hands on what the supervisor tells while it works.
    ///
    /// - Throws: The `Failure` that the supervisor met.
    func ask(_ request: SupervisorRequest, onEvent: (SupervisorEvent) -> Void) async throws {
        try await connect().executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: JSONText.encode(request) + "\n"))
            var lines = LineSplitter(bytesMax: SupervisorDoor.requestBytesMax)
            for try await bytes in inbound {
                for line in try lines.add(bytes) {
                    let event = try JSONDecoder().decode(SupervisorEvent.self, from: Data(line.utf8))
                    switch event {
                    case .done: return
                    case .failed(let code, let message, let hint):
                        throw Failure(Failure.Kind(rawValue: code) ?? .failed, message, hint: hint)
                    case .doing, .stepped: onEvent(event)
                    }
                }
            }
            throw Failure(.unavailable, "the supervisor ended before it was done")
        }
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let end = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(unixDomainSocketPath: path) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                        }
                    }
            } catch {
                guard ContinuousClock.now < end else {
                    throw Failure(
                        .unavailable,
                        "the supervisor does not answer yet",
                        hint: "it may still be starting or stopping; try again in a moment"
                    )
                }
                try await Task.sleep(for: Self.pause)
            }
        }
    }
}
