import Domain
import Redis

/// Who is there, kept in Redis for the whole fleet.
///
/// Each person has a hash with a field for each instance on which they are; an instance has a lease, and a set of the
/// people whom it wrote down. What an instance wrote counts for as long as its lease holds, so nobody stays online on
/// an instance that died. Every start is another instance here, even under the same id.
struct PresenceBoard: Sendable {
    /// How long the word of an instance counts after it was last given.
    static let lease = Duration.seconds(15)
    /// People of a dead instance that are taken over in one step.
    static let claimedMax = 100

    let redis: RedisClient
    /// This start of this instance.
    let instance: String
    let prefix = "chat:presence"
    /// What is asked for together has a prefix in braces, so that a cluster keeps it together.
    let leasePrefix = "{chat:presence}"

    /// Gives the word of this instance again; false when Redis has lost what the instance wrote.
    func renewLease() async throws -> Bool {
        let milliseconds = Int(Self.lease / .milliseconds(1))
        async let set = redis.command("SET", key: leaseKey(instance), "1", "PX", milliseconds)
        async let listed = redis.command("SADD", key: instancesKey, instance)
        async let known = redis.command("EXISTS", key: peopleKey(instance))
        _ = try await (set, listed)
        return try await known.integer == 1
    }

    /// Writes down how a person is on this instance; `offline` is nothing. Returns their state in the fleet if it is
    /// another one than was told last.
    func put(_ user: UserID, _ state: PresenceState) async throws -> PresenceState? {
        if state == .offline {
            async let removed = redis.command("HDEL", key: userKey(user), instance)
            async let unlisted = redis.command("SREM", key: peopleKey(instance), user.description)
            _ = try await (removed, unlisted)
        } else {
            async let written = redis.command("HSET", key: userKey(user), instance, state.rawValue)
            async let listed = redis.command("SADD", key: peopleKey(instance), user.description)
            _ = try await (written, listed)
        }
        return try await news(of: user, alive: living())
    }

    /// How people are, everybody asked for.
    func states(of users: [UserID]) async throws -> [UserID: PresenceState] {
        let alive = try await living()
        return try await withThrowingTaskGroup { group in
            for user in users { group.addTask { (user, try await state(of: user, alive: alive)) } }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// Takes away what instances wrote that are dead. Returns whose state is another one than was told last. Each
    /// person is claimed by one instance only.
    func sweep() async throws -> [UserID: PresenceState] {
        let alive = try await living()
        let known = try await redis.command("SMEMBERS", key: instancesKey).array?.compactMap(\.string) ?? []
        var changed: [UserID: PresenceState] = [:]
        for dead in known where !alive.contains(dead) {
            while true {
                let claimed =
                    try await redis.command("SPOP", key: peopleKey(dead), Self.claimedMax).array?.compactMap(\.string)
                    ?? []
                for user in claimed.compactMap({ UserID($0) }) {
                    _ = try await redis.command("HDEL", key: userKey(user), dead)
                    changed[user] = try await news(of: user, alive: alive) ?? changed[user]
                }
                if claimed.count < Self.claimedMax { break }
            }
            _ = try await redis.command("SREM", key: instancesKey, dead)
        }
        return changed
    }

    /// The instances whose leases hold.
    private func living() async throws -> Set<String> {
        let known = try await redis.command("SMEMBERS", key: instancesKey).array?.compactMap(\.string) ?? []
        guard !known.isEmpty else { return [] }
        let leases = try await redis.command("MGET", arguments: known.map(leaseKey), atNodeOf: instancesKey).array ?? []
        return Set(zip(known, leases).filter { $1 != .null }.map(\.0))
    }

    private func state(of user: UserID, alive: Set<String>) async throws -> PresenceState {
        let fields = try await redis.command("HGETALL", key: userKey(user)).array?.compactMap(\.string) ?? []
        let entries = stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) }
        return PresenceState(of: entries.compactMap { alive.contains($0) ? PresenceState(rawValue: $1) : nil })
    }

    /// The state of a person, if it is another one than was told last. Asking and writing down that it was told are one
    /// step, so of several instances that notice a change one tells it.
    private func news(of user: UserID, alive: Set<String>) async throws -> PresenceState? {
        let state = try await state(of: user, alive: alive)
        let told =
            state == .offline
            ? try await redis.command("GETDEL", key: toldKey(user)).string
            : try await redis.command("SET", key: toldKey(user), state.rawValue, "GET").string
        return (told ?? PresenceState.offline.rawValue) == state.rawValue ? nil : state
    }

    private var instancesKey: String { "\(leasePrefix):instances" }
    private func leaseKey(_ instance: String) -> String { "\(leasePrefix):lease:\(instance)" }
    private func peopleKey(_ instance: String) -> String { "\(prefix):people:\(instance)" }
    private func userKey(_ user: UserID) -> String { "\(prefix):user:\(user)" }
    private func toldKey(_ user: UserID) -> String { "\(prefix):told:\(user)" }
}
