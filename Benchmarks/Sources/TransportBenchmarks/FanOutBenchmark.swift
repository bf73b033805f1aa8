import ArgumentParser
import CCounters
import SocketIO

/// From one broadcast to all sockets.
struct FanOutBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fan-out",
        abstract: "Allocations, writes and time of broadcasts of 200 bytes to many sockets."
    )

    @Option(help: "How many sockets there are.")
    var sockets = 1_000

    @Option(help: "How many times all of them are sent to.")
    var rounds = 200

    @Option(help: "How many broadcasts come at once.")
    var burst = 10

    private static let eventBytes = 200

    func run() async throws {
        let server = try await LocalServer.start { _ in }
        var clients: [Box] = []
        for _ in 0..<sockets { clients.append(Box(try RawClient(host: 1, port: server.port))) }
        let json = eventText(bytes: Self.eventBytes).dropFirst(2)
        let event = Payload(json: .init(substring: json))
        let everybody = server.io.of("/").all
        // A server's frame of this length has a header of four bytes.
        let bytes = (Self.eventBytes + 4) * burst
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
        defer { buffer.deallocate() }

        func round() throws {
            // On the loop, so that all of them are sent in one turn of it.
            server.io.mailboxes.inOrder { [burst] order in
                order.post(to: 0) { _ in for _ in 0..<burst { everybody.emit(event) } }
            }
            for client in clients { try client.client.receive(bytes, into: buffer) }
        }
        for _ in 0..<10 { try round() }
        let (allocationsBefore, writesBefore) = (counters_allocations(), counters_writes())
        let start = ContinuousClock.now
        for _ in 0..<rounds { try round() }
        let took = ContinuousClock.now - start
        let deliveries = Double(rounds * burst * sockets)
        print("fan-out: \(burst) broadcasts at once to \(sockets) sockets, \(rounds) times")
        print("  \(Double(counters_allocations() - allocationsBefore) / deliveries) allocations for a delivery")
        print(
            "  \(Double(counters_writes() - writesBefore) / deliveries * Double(burst)) writes to a socket for \(burst)"
        )
        print("  \(Int(deliveries / took.seconds)) deliveries a second, clients included")
        try await server.stop()
    }

    /// Keeps a client in an array.
    private final class Box {
        let client: RawClient
        init(_ client: consuming RawClient) { self.client = client }
    }
}
