import Foundation

/// How many messages a second go through Redis, and what each costs whom: one connection publishes 200 bytes at a time,
/// another one is subscribed. Our client stands beside hiredis' own blocking client, in the same run.
///
///     RedisBenchmark [MESSAGES] [ROUNDS]
///
/// Starts a redis-server of its own. Where it has a core to itself, it is what limits.
@main
struct RedisBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        let messages = arguments.count > 1 ? Int(arguments[1]) ?? 2_000_000 : 2_000_000
        let rounds = arguments.count > 2 ? Int(arguments[2]) ?? 3 : 3
        let server = try PrivateServer()
        defer { server.stop() }
        print(
            "\(messages) messages of \(Traffic.payloadBytes) bytes, \(Traffic.windowMax) under way at most; the best of \(rounds)"
        )
        var best: [String: Measurement] = [:]
        for _ in 0..<rounds {
            for (name, run) in [("RedisClient", throughRedisClient), ("hiredis alone", throughHiredis)] {
                let measurement = try await run(Traffic(messages), server)
                if best[name].map({ $0.seconds > measurement.seconds }) ?? true { best[name] = measurement }
            }
        }
        guard let ours = best["RedisClient"], let theirs = best["hiredis alone"] else { return }
        print(ours.line("RedisClient"))
        print(theirs.line("hiredis alone"))
        print(
            "ratio: \(ratio(theirs.seconds, ours.seconds)) of its messages a second; CPU of the publisher "
                + "\(ratio(ours.publisher, theirs.publisher)), of the subscriber \(ratio(ours.subscriber, theirs.subscriber))"
        )
    }

    private static func ratio(_ one: Double, _ other: Double) -> String { String(format: "%.2f", one / other) }
}

/// What a run took: the time of the wall, and the CPU time of each part, in seconds.
struct Measurement {
    var messages: Int
    var seconds: Double
    var publisher: Double
    var subscriber: Double
    var server: Double

    func line(_ name: String) -> String {
        func each(_ seconds: Double) -> String { String(format: "%.2f", seconds / Double(messages) * 1e6) }
        return "\(name): \(Int(Double(messages) / seconds)) messages/s; µs of CPU each: publisher \(each(publisher)), "
            + "subscriber \(each(subscriber)), Redis \(each(server))"
    }
}
