/// How long and how much a server remembers of clients that lost their connection, so that they can go on as if they
/// had not.
///
/// A client that comes back within `maxDisconnectionDuration` gets its id, its rooms and its data again, and the events
/// that it missed. Every event to it carries an offset behind its arguments, by which the client says how far it got.
/// What is remembered lives in this process: a client that comes back to another server starts anew, as without.
public struct ConnectionStateRecovery: Sendable {
    /// How long a client may stay away.
    public var maxDisconnectionDuration: Duration
    /// Whether a client that comes back is spared the middlewares: they let it in before.
    public var skipMiddlewares: Bool
    /// Most events that a namespace remembers; a client that missed more starts anew.
    public var eventsMax = 10_000
    /// Most bytes of events that a namespace remembers.
    public var bytesMax = 16 << 20
    /// Most clients of a namespace that are remembered while they are away.
    public var sessionsMax = 10_000

    /// The reference server's settings.
    public init(maxDisconnectionDuration: Duration = .seconds(120), skipMiddlewares: Bool = true) {
        self.maxDisconnectionDuration = maxDisconnectionDuration
        self.skipMiddlewares = skipMiddlewares
    }
}
