import NIOCore
import Testing

@testable import Redis

@Suite("Redis connection: state machine")
struct RedisConnectionStateMachineTests {
    typealias Machine = RedisConnectionStateMachine<String>

    /// An action as text, so that two can be compared.
    func text(_ action: Machine.Action) -> String {
        switch action {
        case .none: "none"
        case .becomeReady: "ready"
        case .answer(let waiting, let value): "answer \(waiting) \(value)"
        case .publishRefused(let reason): "refused \(reason)"
        case .push(let push): "push \(String(buffer: push.channel)) \(String(buffer: push.payload))"
        case .close(let error): "close \(error)"
        }
    }

    func bulks(_ words: String...) -> RedisValue { .array(words.map { .bulk(ByteBuffer(string: $0)) }) }

    @Test("all replies to the handshake are awaited before it is ready")
    func handshake() {
        var machine = Machine(role: .commands, handshake: 3)
        #expect(text(machine.received(.status("OK"))) == "none")
        #expect(text(machine.received(.status("OK"))) == "none")
        let isReadyEarly = machine.isReady
        #expect(!isReadyEarly)
        #expect(text(machine.received(.status("PONG"))) == "ready")
        let isReady = machine.isReady
        #expect(isReady)
    }

    @Test("an error in the handshake closes")
    func handshakeError() {
        var machine = Machine(role: .commands, handshake: 2)
        #expect(text(machine.received(.error("WRONGPASS no"))) == "close Redis answered: WRONGPASS no")
    }

    @Test("replies belong to commands in their order, with publishes in between")
    func order() {
        var machine = Machine(role: .commands, handshake: 1)
        _ = machine.received(.status("PONG"))
        machine.sentPublishes(2)
        machine.sent("a")
        machine.sentPublishes(1)
        machine.sentPublishes(1)
        machine.sent("b")
        let actions = (1...6).map { text(machine.received(.integer(Int64($0)))) }
        #expect(actions == ["none", "none", "answer a integer(3)", "none", "none", "answer b integer(6)"])
    }

    @Test("a publish that is refused is told apart from its neighbours")
    func refusedPublish() {
        var machine = Machine(role: .commands, handshake: 1)
        _ = machine.received(.status("PONG"))
        machine.sentPublishes(2)
        machine.sent("a")
        #expect(text(machine.received(.error("OOM"))) == "refused OOM")
        #expect(text(machine.received(.integer(1))) == "none")
        #expect(text(machine.received(.null)) == "answer a null")
    }

    @Test("a reply that nobody waits for closes")
    func unexpected() {
        var machine = Machine(role: .commands, handshake: 1)
        _ = machine.received(.status("PONG"))
        #expect(text(machine.received(.integer(1))).hasPrefix("close "))
    }

    @Test("messages come between confirmations and belong to no command")
    func pushes() {
        var machine = Machine(role: .subscriptions, handshake: 1)
        _ = machine.received(.status("PONG"))
        machine.sent("subscribe a")
        machine.sent("subscribe b")
        let confirmation = RedisValue.array([
            .bulk(ByteBuffer(string: "subscribe")), .bulk(ByteBuffer(string: "a")), .integer(1),
        ])
        #expect(text(machine.received(confirmation)).hasPrefix("answer subscribe a"))
        #expect(text(machine.received(bulks("message", "a", "1"))) == "push a 1")
        #expect(text(machine.received(bulks("pmessage", "a*", "ab", "2"))) == "push ab 2")
        #expect(text(machine.received(bulks("smessage", "s", "3"))) == "push s 3")
        #expect(text(machine.received(.error("NOPERM"))).hasPrefix("answer subscribe b"))
    }

    @Test("on a connection for commands an array that looks like a message is a reply")
    func notAPush() {
        var machine = Machine(role: .commands, handshake: 1)
        _ = machine.received(.status("PONG"))
        machine.sent("LRANGE")
        #expect(text(machine.received(bulks("message", "a", "1"))).hasPrefix("answer LRANGE"))
    }

    @Test("at the end the unanswered come back oldest first, and what comes later is ignored")
    func closed() {
        var machine = Machine(role: .commands, handshake: 1)
        _ = machine.received(.status("PONG"))
        for name in ["a", "b"] {
            machine.sent(name)
            machine.sentPublishes(3)
        }
        #expect(machine.closed() == ["a", "b"])
        #expect(text(machine.received(.integer(1))) == "none")
        #expect(machine.closed().isEmpty)
    }

    @Test("the pauses double up to a limit, with jitter, and begin again after success")
    func backoff() {
        var generator = SystemRandomNumberGenerator()
        var backoff = Backoff()
        for attempt in 0..<40 {
            let full = min(Backoff.first * (1 << min(attempt, 16)), Backoff.longest)
            let pause = backoff.next(using: &generator)
            #expect(pause >= full * 0.5 && pause <= full)
        }
        backoff.reset()
        #expect(backoff.next(using: &generator) <= Backoff.first)
    }
}
