import Dispatch
import Domain
import Foundation
import Synchronization

/// A few threads for blocking work, with a bounded queue in front of them.
final class WorkThreads: Sendable {
    /// Outlives the owner until the threads have seen that it is gone.
    private final class Queue: Sendable {
        let jobs = Mutex<[@Sendable () -> Void]>([])
        let available = DispatchSemaphore(value: 0)

        /// Blocks until there is work; nil when there will be none any more.
        func next() -> (@Sendable () -> Void)? {
            available.wait()
            return jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        }
    }

    private let queue = Queue()
    private let count: Int
    private let queuedMax: Int

    init(name: String, count: Int, queuedMax: Int) {
        self.count = count
        self.queuedMax = queuedMax
        for number in 1...count {
            let thread = Thread { [queue] in
                while let job = queue.next() { job() }
            }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    deinit {
        // One more signal for each thread than there are jobs: it finds nothing and ends.
        for _ in 0..<count { queue.available.signal() }
    }

    /// Runs `work` on one of the threads. Throws `ChatError.unavailable` when too many wait.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { reply in
            let accepted = queue.jobs.withLock { jobs in
                guard jobs.count < queuedMax else { return false }
                jobs.append { reply.resume(with: Result { try work() }) }
                return true
            }
            if accepted { queue.available.signal() } else { reply.resume(throwing: ChatError.unavailable) }
        }
    }
}
