/// What the program does about an entry of an inbox.
///
/// It holds the program's handlers as they are: a closure around them would be an allocation for each event.
enum Reaction: Sendable {
    case connection(ConnectionHandler)
    case event(Event, EventHandler?, any: (@Sendable (Socket, Event) -> Void)?)
    case disconnection(DisconnectReason, (@Sendable (Socket, DisconnectReason) async -> Void)?)

    enum ConnectionHandler: Sendable {
        case inline(@Sendable (Socket) -> Void)
        case suspending(@Sendable (Socket) async -> Void)
    }

    enum EventHandler: Sendable {
        case inline(@Sendable (Socket, Event) -> Void)
        case suspending(@Sendable (Socket, Event) async -> Void)
    }

    /// Whether it is done without waiting for anything.
    var isInline: Bool {
        switch self {
        case .connection(.inline), .event(_, .inline, any: _), .event(_, nil, any: _), .disconnection(_, nil): true
        case .connection(.suspending), .event(_, .suspending, any: _), .disconnection: false
        }
    }

    /// Does what is done without waiting.
    func runInline(on socket: Socket) {
        switch self {
        case .connection(.inline(let handler)):
            handler(socket)
        case .event(let event, let handler, let any):
            any?(socket, event)
            if case .inline(let handler) = handler { handler(socket, event) }
        case .connection(.suspending), .disconnection:
            break
        }
    }

    /// Does it all.
    func run(on socket: Socket) async {
        runInline(on: socket)
        switch self {
        case .connection(.suspending(let handler)): await handler(socket)
        case .event(let event, .suspending(let handler), any: _): await handler(socket, event)
        case .disconnection(let reason, let handler?): await handler(socket, reason)
        case .connection(.inline), .event, .disconnection(_, nil): break
        }
    }
}
