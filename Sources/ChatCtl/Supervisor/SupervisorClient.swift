import Foundation
import NIOCore
import NIOPosix

/// Asks the supervisor of a data directory.
struct SupervisorClient: Sendable {
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
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw Failure(
                .unavailable,
                "the supervisor does not answer yet",
                hint: "it may still be starting or stopping; try again in a moment"
            )
        }
        try await channel.executeThenClose { inbound, outbound in
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
}
