internal import NIOCore

/// What a connection does with each reply, as a pure value: the handler performs the actions it returns.
///
/// Redis answers commands in their order, so the n-th reply belongs to the n-th command that was sent. Messages of
/// subscriptions come in between and belong to none.
struct RedisConnectionStateMachine<Waiting>: ~Copyable {
    /// What the connection is for. RESP2 does not mark pushes, so only a connection that subscribes expects them.
    enum Role {
        case commands
        case subscriptions
    }

    enum Action {
        case none
        /// The handshake is over, commands may be sent.
        case becomeReady
        case answer(Waiting, RedisValue)
        /// A publish was refused.
        case publishRefused(String)
        case push(RedisPush)
        case close(RedisError)
    }

    private enum State {
        /// Replies to AUTH, SELECT and PING are awaited.
        case handshaking(repliesLeft: Int)
        case ready
        case closed
    }

    private enum Slot {
        /// Publishes in a row whose replies nobody reads.
        case publishes(Int)
        case command(Waiting)
    }

    private let role: Role
    private var state: State
    private var slots = CircularBuffer<Slot>()

    /// - Parameter handshake: How many commands are sent at once when the connection opens; at least one.
    init(role: Role, handshake: Int) {
        self.role = role
        state = .handshaking(repliesLeft: handshake)
    }

    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    mutating func sent(_ waiting: Waiting) {
        slots.append(.command(waiting))
    }

    mutating func sentPublishes(_ count: Int) {
        if let last = slots.last, case .publishes(let before) = last {
            slots[slots.index(before: slots.endIndex)] = .publishes(before + count)
        } else {
            slots.append(.publishes(count))
        }
    }

    mutating func received(_ value: RedisValue) -> Action {
        switch state {
        case .closed:
            return .none
        case .handshaking(let repliesLeft):
            if case .error(let text) = value { return .close(.server(text)) }
            state = repliesLeft > 1 ? .handshaking(repliesLeft: repliesLeft - 1) : .ready
            return repliesLeft > 1 ? .none : .becomeReady
        case .ready:
            if role == .subscriptions, let push = RedisPush(value) { return .push(push) }
            return answered(value)
        }
    }

    private mutating func answered(_ value: RedisValue) -> Action {
        switch slots.first {
        case nil:
            return .close(.protocolViolation("a reply without a command"))
        case .command(let waiting):
            slots.removeFirst()
            return .answer(waiting, value)
        case .publishes(let count):
            if count > 1 {
                slots[slots.startIndex] = .publishes(count - 1)
            } else {
                slots.removeFirst()
            }
            if case .error(let text) = value { return .publishRefused(text) }
            return .none
        }
    }

    /// Ends the connection; returns what will never be answered, oldest first.
    mutating func closed() -> [Waiting] {
        state = .closed
        defer { slots.removeAll() }
        return slots.compactMap { slot in
            if case .command(let waiting) = slot { waiting } else { nil }
        }
    }
}
