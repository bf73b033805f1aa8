import Foundation
import Synchronization

/// SIGINT, SIGTERM and SIGHUP as a request to stop. The second one stops at once.
final class StopSignals: Sendable {
    private let stream: AsyncStream<Int32>
    // Only kept alive, never touched again.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        let count = Count()
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)  // the dispatch source gets it all the same
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                guard count.next() > 1 else {
                    continuation.yield(number)
                    return
                }
                ProcessSpawner.shared.killEverything()
                _exit(Failure.Kind.interrupted.rawValue)
            }
            source.resume()
            return source
        }
        // A terminal or pipe that is gone must not end the supervisor before it has stopped its children.
        signal(SIGPIPE, SIG_IGN)
    }

    /// The first signal that arrives, or nil when the task is cancelled before.
    func first() async -> Int32? {
        for await number in stream { return number }
        return nil
    }

    private final class Count: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock { value in
                value += 1
                return value
            }
        }
    }
}
