import DequeModule
import EngineIO
import NIOConcurrencyHelpers

/// What a socket's handlers have yet to see, in order.
///
/// Handlers of one socket run one after the other. An idle socket has no task and no queue: a task begins with the
/// first entry and ends with the last. A handler that does not suspend runs at once on the event loop when nothing
/// waits before it, without any task.
final class Inbox: Sendable {
    /// Most entries that wait for slow handlers; a client that sends more is disconnected.
    static let entriesMax = 1_000

    enum Entry: Sendable {
        case connection
        case event(Event)
        case disconnection(DisconnectReason)
    }

    private let state = NIOLockedValueBox(State())

    private struct State {
        var entries: Deque<Entry> = []
        var isRunning = false
    }

    private enum Next {
        case runInline
        case startTask
        case wait
        case overflow
    }

    func append(_ entry: Entry, of socket: Socket) {
        let reaction = socket.namespace.reaction(to: entry)
        let next = state.withLockedValue { state -> Next in
            if !state.isRunning, reaction.isInline { return .runInline }
            // The end is told to the application in any case: it comes once, and nothing follows it.
            if case .event = entry, state.entries.count >= Self.entriesMax { return .overflow }
            state.entries.append(entry)
            defer { state.isRunning = true }
            return state.isRunning ? .wait : .startTask
        }
        switch next {
        case .runInline:
            reaction.runInline(on: socket)
        case .startTask:
            // One task for as long as there is work: structured in time by the queue it empties.
            Task { await drain(socket) }
        case .wait:
            break
        case .overflow:
            socket.connection.close(.slowConsumer)
        }
    }

    private func drain(_ socket: Socket) async {
        while let entry = next() {
            await socket.namespace.reaction(to: entry).run(on: socket)
        }
    }

    private func next() -> Entry? {
        state.withLockedValue { state in
            guard let entry = state.entries.popFirst() else {
                state.isRunning = false
                state.entries = []
                return nil
            }
            return entry
        }
    }
}
