import Foundation
import Synchronization

/// Messages on their way from the publisher's thread to the subscriber, not too many at once.
final class Traffic: Sendable {
    static let payloadBytes = 200
    static let channel = "benchmark"
    /// Far below what makes Redis cut a subscriber off, far above what is under way in a round trip.
    static let windowMax = 16_384
    /// The publisher goes on in steps, so that it does not wake up for every message.
    static let burst = 512

    let count: Int
    private let room = DispatchSemaphore(value: windowMax / burst)
    private let end = DispatchSemaphore(value: 0)
    private let received = Atomic(0)

    /// - Parameter count: Rounded down to whole bursts.
    init(_ count: Int) { self.count = max(count / Self.burst, 1) * Self.burst }

    /// The subscriber has got a message.
    func arrived() {
        let number = received.add(1, ordering: .relaxed).newValue
        if number.isMultiple(of: Self.burst) { room.signal() }
        if number == count { end.signal() }
    }

    /// Publishes everything from the calling thread and waits until all has arrived.
    func run(_ publish: (_ burst: Int) throws -> Void) rethrows {
        for _ in 0..<count / Self.burst {
            room.wait()
            try publish(Self.burst)
        }
        end.wait()
    }
}

/// CPU time of the calling thread, in seconds.
func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs blocking work on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result { try body() }) }.start()
    }
}
