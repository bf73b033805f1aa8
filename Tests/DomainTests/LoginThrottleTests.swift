import Domain
import Synchronization
import Testing

@Suite("The login throttle")
struct LoginThrottleTests {
    private let time = Time()
    private let limits: LoginThrottle.Limits
    private let throttle: LoginThrottle

    init() {
        var limits = LoginThrottle.Limits()
        limits.accountFailuresFree = 3
        limits.addressFailuresFree = 10
        limits.bucketsMax = 100
        self.limits = limits
        throttle = LoginThrottle(limits: limits, uptime: { [time] in time.now })
    }

    /// How long an attempt has to wait; nil when it may be made, and then it fails.
    private func wait(_ account: String?, from address: String?, device: [UInt8]? = nil) -> Duration? {
        do {
            _ = try throttle.begin(account: account, address: address, device: device)
            return nil
        } catch {
            return (error as? ChatError)?.retryAfter
        }
    }

    @Test("each failure after the free ones doubles the wait, up to a limit, and no account is locked for ever")
    func growingDelay() {
        var waits: [Duration] = []
        for _ in 0..<12 {
            while let wait = wait("alice", from: "192.0.2.1") {
                waits.append(wait)
                time.advance(wait)
            }
        }
        #expect(waits.prefix(4) == [.seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(waits.allSatisfy { $0 <= limits.delayMax })
        #expect(waits.last == limits.delayMax)
    }

    @Test("who guesses slows down their own network for that account, and nobody else")
    func otherNetworks() {
        for _ in 0..<3 { #expect(wait("alice", from: "192.0.2.1") == nil) }
        #expect(wait("alice", from: "192.0.2.200") != nil)
        #expect(wait("alice", from: "198.51.100.1") == nil)
        #expect(wait("bob", from: "192.0.2.1") == nil)
    }

    @Test("who guesses at many accounts is slowed down for the address")
    func manyAccounts() {
        for number in 0..<10 { #expect(wait("person\(number)", from: "2001:db8::1") == nil) }
        #expect(wait("another", from: "2001:db8::ffff") != nil)
        #expect(wait("another", from: "2001:db8:0:1::1") == nil)
    }

    @Test("a browser that is known has a count of its own")
    func knownDevice() {
        for _ in 0..<3 { #expect(wait("alice", from: "192.0.2.1") == nil) }
        #expect(wait("alice", from: "192.0.2.1") != nil)
        for _ in 0..<3 { #expect(wait("alice", from: "192.0.2.1", device: [1]) == nil) }
        #expect(wait("alice", from: "192.0.2.1", device: [1]) != nil)
    }

    @Test("what was taken back does not count")
    func takenBack() throws {
        for _ in 0..<50 { try throttle.begin(account: "alice", address: "192.0.2.1").takeBack() }
        #expect(wait("alice", from: "192.0.2.1") == nil)
    }

    @Test("many attempts at the same moment are not free because none of them has failed yet")
    func inFlight() {
        let begun = (0..<100).map { _ in try? throttle.begin(account: "alice", address: nil) }
        #expect(begun.count { $0 != nil } == limits.accountFailuresFree)
    }

    @Test("failures are forgotten after a while")
    func memory() {
        for _ in 0..<3 { #expect(wait("alice", from: "192.0.2.1") == nil) }
        time.advance(limits.memory + .seconds(1))
        for _ in 0..<3 { #expect(wait("alice", from: "192.0.2.1") == nil) }
    }

    @Test("a flood of names from everywhere does not make the current ones forgotten")
    func bounded() {
        for number in 0..<1_000 {
            time.advance(.milliseconds(1))
            _ = wait("nobody\(number)", from: "10.\(number / 250).\(number % 250).1")
        }
        for _ in 0..<3 { #expect(wait("alice", from: "192.0.2.1") == nil) }
        #expect(wait("alice", from: "192.0.2.1") != nil)
    }
}

/// A time that moves when it is told to.
private final class Time: Sendable {
    private let elapsed = Mutex(Duration.zero)
    var now: Duration { elapsed.withLock { $0 } }
    func advance(_ duration: Duration) { elapsed.withLock { $0 += duration } }
}
