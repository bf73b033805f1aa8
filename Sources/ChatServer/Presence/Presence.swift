import Domain
import Logging
import SocketIO
import Synchronization

/// Who is there on this instance, and what the fleet is told of it.
final class Presence: Sendable {
    /// Whoever comes back within this time never went: a reconnect makes no noise.
    static let grace = Duration.seconds(10)
    /// How often those who stayed away are looked for.
    static let tick = Duration.seconds(1)
    /// How often the lease is renewed and dead instances are looked for.
    static let leaseInterval = Duration.seconds(5)

    private let board: PresenceBoard?
    private let broadcasts: Broadcasts
    private let local: LocalAdapter
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let state = Mutex(State())
    private let signal: AsyncStream<Void>
    private let signalContinuation: AsyncStream<Void>.Continuation

    private struct State {
        var people: [UserID: Person] = [:]
        /// Whose state Redis has not been told yet.
        var dirty: Set<UserID> = []
        var redisAnswers = true
    }

    private struct Person {
        var sockets: [String: PresenceState] = [:]
        var leftAt: ContinuousClock.Instant?
        private var stateBefore = PresenceState.offline

        /// Somebody in the time of grace is as they were.
        var state: PresenceState { leftAt == nil ? PresenceState(of: sockets.values) : stateBefore }

        mutating func leave(_ socket: Socket) {
            let before = state
            guard sockets.removeValue(forKey: socket.id) != nil, sockets.isEmpty else { return }
            stateBefore = before
            leftAt = .now
        }
    }

    /// Without a board, which is without Redis, everybody's presence is unknown.
    init(
        board: PresenceBoard?,
        broadcasts: Broadcasts,
        local: LocalAdapter,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        self.board = board
        self.broadcasts = broadcasts
        self.local = local
        self.clock = clock
        self.logger = logger
        (signal, signalContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Sockets

    /// A socket of the person came, or says how they are.
    func set(_ state: PresenceState, of user: UserID, on socket: Socket) {
        change(user) { person in
            person.sockets[socket.id] = state
            person.leftAt = nil
        }
    }

    /// A socket of the person went.
    func left(_ user: UserID, on socket: Socket) {
        change(user) { person in person.leave(socket) }
    }

    private func change(_ user: UserID, _ body: (inout Person) -> Void) {
        state.withLock { state in
            var person = state.people[user] ?? Person()
            let before = state.people[user]?.state
            body(&person)
            state.people[user] = person
            if person.state != before { state.dirty.insert(user) }
        }
        signalContinuation.yield()
    }

    // MARK: Asking

    /// How people are; `unknown` for all when Redis does not answer.
    func states(of users: [UserID]) async -> [UserID: PresenceState] {
        if let board, let states = try? await board.states(of: users) { return states }
        return Dictionary(uniqueKeysWithValues: Set(users).map { ($0, .unknown) })
    }

    // MARK: Telling

    /// Tells the fleet until the task is cancelled. What the instance wrote then ends with its lease, which leaves the
    /// people time to come back through another instance.
    func run() async {
        guard let board else { return }
        await withTaskGroup { group in
            group.addTask { await self.tellChanges(board) }
            group.addTask { await self.endGraces() }
            group.addTask { await self.renewLeases(board) }
        }
    }

    private func tellChanges(_ board: PresenceBoard) async {
        for await _ in signal {
            while let user = state.withLock({ $0.dirty.popFirst() }) {
                let now = state.withLock { $0.people[user]?.state ?? .offline }
                do {
                    if let news = try await board.put(user, now) { broadcasts.presence(of: user, news) }
                } catch {
                    // Kept for the next renewal of the lease.
                    state.withLock { _ = $0.dirty.insert(user) }
                    break
                }
            }
        }
    }

    private func endGraces() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: Self.tick)
            let now = ContinuousClock.now
            let gone = state.withLock { state in
                let gone = state.people.filter { $0.value.leftAt.map { now - $0 >= Self.grace } ?? false }.keys
                for user in gone {
                    state.people[user] = nil
                    state.dirty.insert(user)
                }
                return !gone.isEmpty
            }
            if gone { signalContinuation.yield() }
        }
    }

    private func renewLeases(_ board: PresenceBoard) async {
        while !Task.isCancelled {
            do {
                if try await !board.renewLease() {
                    state.withLock { $0.dirty.formUnion($0.people.keys) }
                }
                for (user, news) in try await board.sweep() { broadcasts.presence(of: user, news) }
                await answers(true)
            } catch {
                logger.debug("presence is unknown", metadata: ["error": "\(error)"])
                await answers(false)
            }
            signalContinuation.yield()
            try? await clock.sleep(for: Self.leaseInterval)
        }
    }

    /// Tells those who watch people here when Redis stops to answer, and how the people are when it answers again.
    private func answers(_ now: Bool) async {
        let changed = state.withLock { state in
            defer { state.redisAnswers = now }
            return state.redisAnswers != now
        }
        guard changed else { return }
        // What an instance tells while it is read here may be overtaken by what was read before. So those whose state has
        // changed are told again, until none has.
        var users = local.joinedRooms.compactMap(UserID.init(watchedAs:))
        var told: [UserID: PresenceState] = [:]
        while !users.isEmpty {
            let news = await states(of: users).filter { told[$0] != $1 }
            for (user, state) in news { broadcasts.presenceHere(of: user, state) }
            told.merge(news) { _, new in new }
            users = Array(news.keys)
        }
    }
}

extension SocketIO.Room {
    /// Everybody who watches whether a person is there.
    static func watchers(of user: UserID) -> SocketIO.Room { "p:\(user.description)" }
}

extension UserID {
    fileprivate init?(watchedAs room: SocketIO.Room) {
        guard room.name.hasPrefix("p:") else { return nil }
        self.init(String(room.name.dropFirst(2)))
    }
}
