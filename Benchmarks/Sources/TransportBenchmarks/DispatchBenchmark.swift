import ArgumentParser
import CCounters
import SocketIO

/// From the bytes of an event on a socket to its handler.
struct DispatchBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispatch",
        abstract: "Allocations and time from a 200-byte event on the wire to its handler."
    )

    @Option(help: "How many events are sent.")
    var events = 200_000

    @Option(help: "How many events are on their way at once.")
    var depth = 16

    private static let eventBytes = 200

    func run() async throws {
        let server = try await LocalServer.start { namespace in
            // The shortest answer there is says that the event has arrived.
            namespace.on("message") { _, event in event.acknowledgement?.send(Payload(json: .init(string: "[]"))) }
        }
        let client = try RawClient(host: 1, port: server.port)
        let text = eventText(bytes: Self.eventBytes)
        let silent = repeatElement(RawClient.frame(text), count: depth - 1).joined()
        let batch = Array(silent) + RawClient.frame("421" + text.dropFirst(2))
        let answerBytes = "xx431[]".utf8.count
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
        defer { buffer.deallocate() }

        func exchange(_ count: Int) throws {
            for _ in 0..<count / depth {
                try client.send(batch)
                try client.receive(answerBytes, into: buffer)
            }
        }
        try exchange(10_000)
        let (before, start) = (counters_allocations(), ContinuousClock.now)
        try exchange(events)
        let took = ContinuousClock.now - start
        let allocations = Double(counters_allocations() - before) / Double(events)
        print("dispatch: \(events) events of \(Self.eventBytes) bytes, \(depth) at once")
        print("  \(allocations) allocations for an event, every \(depth)th one acknowledged")
        print("  \(Int(Double(events) / took.seconds)) events a second, client included")
        try await server.stop()
    }
}
