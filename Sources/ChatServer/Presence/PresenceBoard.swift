import Domain
import Redis

/// Who is there, kept in Redis for the whole fleet.
///
/// Each person has a hash with a field for each instance on which they are, and one for what was told last; an instance
/// has a lease, and a set of the people whom it wrote down. What an instance wrote counts for as long as its lease holds, so nobody stays online on
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
        // In this order: without a lease an instance that is listed is dead.
        try await redis.command("SET", key: leaseKey(instance), "1", "PX", milliseconds)
        try await redis.command("SADD", key: instancesKey, instance)
        return try await redis.command("EXISTS", key: peopleKey(instance)).integer == 1
    }

    /// Writes down how a person is on this instance; `offline` is nothing. Returns their state in the fleet if it is
    /// another one than was told last.
    func put(_ user: UserID, _ state: PresenceState) async throws -> PresenceState? {
        try await redis.command(state == .offline ? "SREM" : "SADD", key: peopleKey(instance), user.description)
        return try await write(state, of: user, on: instance, alive: living().union([instance]))
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
        let (alive, dead) = try await instances()
        var changed: [UserID: PresenceState] = [:]
        for dead in dead {
            while true {
                let claimed =
                    try await redis.command("SPOP", key: peopleKey(dead), Self.claimedMax).array?.compactMap(\.string)
                    ?? []
                for user in claimed.compactMap({ UserID($0) }) {
                    changed[user] = try await write(.offline, of: user, on: dead, alive: alive) ?? changed[user]
                }
                if claimed.count < Self.claimedMax { break }
            }
            _ = try await redis.command("SREM", key: instancesKey, dead)
        }
        return changed
    }

    /// The instances whose leases hold.
    private func living() async throws -> Set<String> { try await instances().living }

    /// The listed instances, in one look, so that none is taken for dead that has just come.
    private func instances() async throws -> (living: Set<String>, dead: [String]) {
        let known = try await redis.command("SMEMBERS", key: instancesKey).array?.compactMap(\.string) ?? []
        guard !known.isEmpty else { return ([], []) }
        let leases = try await redis.command("MGET", arguments: known.map(leaseKey), atNodeOf: instancesKey).array ?? []
        let found = zip(known, leases)
        return (Set(found.filter { $1 != .null }.map(\.0)), found.filter { $1 == .null }.map(\.0))
    }

    private func state(of user: UserID, alive: Set<String>) async throws -> PresenceState {
        let fields = try await redis.command("HGETALL", key: userKey(user)).array?.compactMap(\.string) ?? []
        let entries = stride(from: 0, to: fields.count - 1, by: 2).map { (fields[$0], fields[$0 + 1]) }
        return PresenceState(of: entries.compactMap { alive.contains($0) ? PresenceState(rawValue: $1) : nil })
    }

    /// Writes down how a person is on an instance, and returns their state in the fleet if it is another one than was
    /// told last.
    ///
    /// Writing, reading and noting what is told are one step: of several instances that change a person at once each
    /// sees what the others wrote before it, so the last that tells something tells what is true.
    private func write(
        _ state: PresenceState,
        of user: UserID,
        on instance: String,
        alive: Set<String>
    ) async throws -> PresenceState? {
        let arguments = [Self.writing, "1", userKey(user), instance, state.rawValue] + alive
        return try await redis.command("EVAL", arguments: arguments, atNodeOf: userKey(user)).string
            .flatMap(PresenceState.init)
    }

    /// The hash of a person has a field for each instance, and `told`. The order of states is `PresenceState.init(of:)`.
    private static let writing = """
        local instance, state = ARGV[1], ARGV[2]
        if state == 'offline' then redis.call('HDEL', KEYS[1], instance)
        else redis.call('HSET', KEYS[1], instance, state) end
        local now = 'offline'
        for i = 3, #ARGV do
            local part = redis.call('HGET', KEYS[1], ARGV[i])
            if part == 'online' or (part == 'away' and now == 'offline') then now = part end
        end
        if (redis.call('HGET', KEYS[1], 'told') or 'offline') == now then return false end
        if now == 'offline' then redis.call('HDEL', KEYS[1], 'told') else redis.call('HSET', KEYS[1], 'told', now) end
        return now
        """

    private var instancesKey: String { "\(leasePrefix):instances" }
    private func leaseKey(_ instance: String) -> String { "\(leasePrefix):lease:\(instance)" }
    private func peopleKey(_ instance: String) -> String { "\(prefix):people:\(instance)" }
    private func userKey(_ user: UserID) -> String { "\(prefix):user:\(user)" }
}
