import Synchronization

/// Slows down whoever guesses passwords: after a few failures each next attempt has to wait, twice as long each time.
///
/// Failures are counted for an account together with the network that they come from, and for each address. Nobody is
/// locked out for good, and an account is slow only for the network of whoever guesses. A browser in which the person
/// logged in before has a count of its own instead of the account's. Every instance counts for itself, so a fleet of
/// *n* lets at most *n* times as much through; that keeps logins independent of Redis.
package final class LoginThrottle: Sendable {
    /// How many failures are free and what comes after them.
    package struct Limits: Sendable {
        package var accountFailuresFree = 5
        package var addressFailuresFree = 50
        package var delayMin = Duration.seconds(1)
        package var delayMax = Duration.seconds(60)
        /// Failures are forgotten this long after the last one.
        package var memory = Duration.seconds(15 * 60)
        /// Counts that are kept at the same time; over it the ones that are quiet for longest are forgotten.
        package var bucketsMax = 20_000

        package init() {}
    }

    fileprivate enum Key: Hashable {
        case account(String, AddressRange?)
        case device([UInt8])
        case address(AddressRange?)
    }

    private struct Bucket {
        var failures: Int
        var lastFailure: Duration
        var blockedUntil: Duration
    }

    private let limits: Limits
    private let uptime: @Sendable () -> Duration
    private let buckets = Mutex<[Key: Bucket]>([:])

    /// A throttle that knows nobody yet. `uptime` never goes back, whatever happens to the time of day.
    package init(limits: Limits = Limits(), uptime: @escaping @Sendable () -> Duration = LoginThrottle.uptime()) {
        self.limits = limits
        self.uptime = uptime
    }

    /// The time since now.
    package static func uptime() -> @Sendable () -> Duration {
        let start = ContinuousClock.now
        return { start.duration(to: .now) }
    }

    /// An attempt that counts as a failure until it says otherwise, so that many at once are not free.
    package struct Attempt: Sendable {
        fileprivate let keys: [KeyAndLimit]
        fileprivate let throttle: LoginThrottle

        /// The password was right, or it was never looked at.
        package func takeBack() { throttle.takeBack(keys) }
    }

    fileprivate struct KeyAndLimit: Sendable {
        var key: Key
        var free: Int
    }

    /// Begins an attempt to get into an account, or with no account to make one.
    ///
    /// Throws `rateLimited` with the time to wait.
    package func begin(account: String?, address: String?, device: [UInt8]? = nil) throws -> Attempt {
        let address = address.flatMap { IPAddress($0) }
        // Providers hand out /64 networks of IPv6 to single customers, and /24 of IPv4 to their neighbourhood.
        let isShort = address?.bitCount == 32
        var keys = [KeyAndLimit(key: .address(address?.network(isShort ? 32 : 64)), free: limits.addressFailuresFree)]
        if let device {
            keys.append(KeyAndLimit(key: .device(device), free: limits.accountFailuresFree))
        } else if let account {
            let network = address?.network(isShort ? 24 : 48)
            keys.append(KeyAndLimit(key: .account(account, network), free: limits.accountFailuresFree))
        }
        let now = uptime()
        try buckets.withLock { buckets in
            let wait = keys.compactMap { buckets[$0.key]?.blockedUntil }.max().map { $0 - now } ?? .zero
            guard wait <= .zero else { throw ChatError.rateLimited(retryAfter: wait) }
            for key in keys { count(key, in: &buckets, at: now) }
        }
        return Attempt(keys: keys, throttle: self)
    }

    private func count(_ entry: KeyAndLimit, in buckets: inout [Key: Bucket], at now: Duration) {
        if buckets[entry.key] == nil, buckets.count >= limits.bucketsMax { makeRoom(in: &buckets, at: now) }
        var bucket = buckets[entry.key] ?? Bucket(failures: 0, lastFailure: now, blockedUntil: .zero)
        if now - bucket.lastFailure > limits.memory { bucket.failures = 0 }
        bucket.failures += 1
        bucket.lastFailure = now
        bucket.blockedUntil = blockedUntil(bucket, free: entry.free)
        buckets[entry.key] = bucket
    }

    private func blockedUntil(_ bucket: Bucket, free: Int) -> Duration {
        let over = bucket.failures - free
        guard over >= 0 else { return .zero }
        return bucket.lastFailure + min(limits.delayMin * (1 << min(over, 20)), limits.delayMax)
    }

    private func takeBack(_ keys: [KeyAndLimit]) {
        buckets.withLock { buckets in
            for entry in keys {
                guard var bucket = buckets[entry.key] else { continue }
                bucket.failures -= 1
                bucket.blockedUntil = blockedUntil(bucket, free: entry.free)
                buckets[entry.key] = bucket.failures > 0 ? bucket : nil
            }
        }
    }

    /// Forgets what is old, and if that is not enough the older half.
    private func makeRoom(in buckets: inout [Key: Bucket], at now: Duration) {
        buckets = buckets.filter { now - $0.value.lastFailure <= limits.memory }
        guard buckets.count >= limits.bucketsMax else { return }
        let middle = buckets.values.map(\.lastFailure).sorted()[buckets.count / 2]
        buckets = buckets.filter { $0.value.lastFailure > middle }
    }
}
