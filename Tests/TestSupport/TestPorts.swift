internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// TCP ports for servers that have to be told theirs.
package enum TestPorts {
    /// Below the ports that Linux gives to whoever asks for any: between the look at one and the server's start no
    /// connection can take it.
    private static let range = 16_000..<32_000
    private static let next = Atomic(Int.random(in: range))

    /// Ports of 127.0.0.1 on which nothing listens. None is given twice in a process.
    package static func free(_ count: Int = 1) async throws -> [Int] {
        var ports: [Int] = []
        while ports.count < count {
            let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
            let port = range.lowerBound + number % range.count
            let probe = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton).bind(
                host: "127.0.0.1",
                port: port
            )
            guard let channel = try? await probe.get() else { continue }
            try await channel.close()
            ports.append(port)
        }
        return ports
    }
}
