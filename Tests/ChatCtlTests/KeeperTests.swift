import Foundation
import Synchronization
import Testing

@testable import ChatCtl

@Suite struct KeeperTests {
    /// Starts `/bin/sh -c script`.
    private func shell(_ script: String, onOutput: @escaping @Sendable (String) -> Void = { _ in }) async throws
        -> ChildProcess
    {
        try await ProcessSpawner.shared.spawn(
            ProcessSpecification(
                name: "sh",
                executable: "/bin/sh",
                arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"],
                onOutput: onOutput
            )
        )
    }

    @Test("a process that ends again and again is given up, after delays that grow")
    func givesUp() async throws {
        let clock = InstantClock()
        let delays = Recorder<Duration>()
        let keeper = Keeper(
            name: "sh",
            start: { try await shell("exit 3") },
            stop: { await $0.stop(patience: .seconds(5)) },
            policy: RestartPolicy(firstDelay: .seconds(1), failuresMax: 4),
            clock: clock,
            report: { event in
                if case .ended(_, _, let delay) = event { delays.append(delay) }
            }
        )
        await #expect(
            throws: Failure(.unavailable, "sh: gave up after 4 failures in a row; the last: it ended with exit code 3")
        ) {
            try await keeper.keep(try await shell("exit 3"))
        }
        #expect(delays.all == [.seconds(1), .seconds(2), .seconds(4)])
    }

    @Test("a failed start counts like a crash")
    func failedStart() async throws {
        let keeper = Keeper(
            name: "sh",
            start: { throw Failure(.unavailable, "no room") },
            stop: { _ in },
            policy: RestartPolicy(failuresMax: 3),
            clock: InstantClock(),
            report: { _ in }
        )
        await #expect(throws: Failure(.unavailable, "sh: gave up after 3 failures in a row; the last: no room")) {
            try await keeper.keep(try await shell("exit 0"))
        }
    }

    @Test("the process is stopped when the body ends, and lives as long")
    func stopsWithBody() async throws {
        let child = try await shell("exec sleep 600")
        let keeper = Keeper(
            name: "sh",
            start: { try await shell("exec sleep 600") },
            stop: { await $0.stop(patience: .seconds(5)) },
            clock: ContinuousClock(),
            report: { _ in }
        )
        let wasAlive = try await keeper.keeping(child) { child.status == nil }
        #expect(wasAlive)
        #expect(child.status == .signalled(SIGTERM))
    }

    @Test("giving up cancels the body, and its error is the one that is thrown")
    func cancelsBody() async throws {
        let keeper = Keeper(
            name: "sh",
            start: { throw Failure(.unavailable, "gone") },
            stop: { _ in },
            policy: RestartPolicy(failuresMax: 1),
            clock: InstantClock(),
            report: { _ in }
        )
        let child = try await shell("exit 1")
        await #expect(throws: Failure.self) {
            try await keeper.keeping(child) { try await Task.sleep(for: .seconds(600)) }
        }
    }

    @Test("a process that does not listen is killed when patience ends")
    func kills() async throws {
        let (ready, feed) = AsyncStream.makeStream(of: String.self)
        let child = try await shell(
            "trap '' TERM; echo ready; while :; do sleep 0.05; done",
            onOutput: { feed.yield($0) }
        )
        for await _ in ready { break }
        await child.stop(patience: .milliseconds(50))
        #expect(child.status == .signalled(SIGKILL))
    }
}

/// A clock whose sleeps end at once and take as long as they should.
final class InstantClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Duration = .zero
        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let time = Mutex(Instant())
    var now: Instant { time.withLock { $0 } }
    let minimumResolution = Duration.zero

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        time.withLock { $0 = max($0, deadline) }
    }
}

final class Recorder<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    func append(_ element: Element) { elements.withLock { $0.append(element) } }
    var all: [Element] { elements.withLock { $0 } }
}
