import Domain
import EngineIO
import Logging
import SocketIO

/// Compares the sessions of this instance's sockets with the database, and cuts those that are over. The others it
/// writes down as used.
///
/// Whoever ends a session tells the sockets through the adapter, at once. This is for when that is not enough: every 30
/// seconds, because Redis may be down; on request, because a ban of a network or another role is nothing that a room of
/// sockets stands for.
struct SessionRecheck: Sendable {
    /// Time between two comparisons, unless configured otherwise.
    static let intervalDefault = Duration.seconds(30)
    /// The event by which instances ask each other.
    static let event = "sessions:recheck"
    /// Sessions that one query is about, at most.
    static let sessionsPerQueryMax = 5_000

    let chat: Chat
    let live: LiveSockets
    let interval: Duration
    let clock: any Clock<Duration>
    let logger: Logger
    private let requests = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        chat: Chat,
        live: LiveSockets,
        interval: Duration = intervalDefault,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        self.chat = chat
        self.live = live
        self.interval = interval
        self.clock = clock
        self.logger = logger
    }

    /// Has it done as soon as possible. Many requests at once come to one comparison after the last of them.
    func request() { requests.continuation.yield() }

    /// Compares until the task is cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    try? await clock.sleep(for: interval)
                    request()
                }
            }
            group.addTask {
                for await _ in requests.stream { await compare() }
            }
        }
    }

    /// Compares all sockets and cuts those that have to go.
    func compare() async {
        let entries = live.all
        do {
            for start in stride(from: 0, to: entries.count, by: Self.sessionsPerQueryMax) {
                let part = entries[start..<min(start + Self.sessionsPerQueryMax, entries.count)]
                let ended = try await chat.ended(of: Array(Set(part.map(\.session))))
                for entry in part { if let end = ended[entry.session] { entry.socket.cut(end) } }
                try await chat.countAsUsed(part.map(\.session).filter { ended[$0] == nil }.map(\.session))
            }
        } catch {
            // The database is away; nothing can be asked or changed there either.
            logger.debug("sessions could not be compared", metadata: ["error": "\(error)"])
        }
    }
}

extension Socket {
    /// Ends the connection of a session that ended; whoever only has another role comes back with it.
    func cut(_ end: SessionEnd) {
        switch end {
        case .over:
            // A code and nothing else, which always encodes.
            try? emit("error:fatal", FatalView(.unauthenticated))
            disconnect(closeTransport: true)
        case .outdated:
            connection.close()
        }
    }
}

/// Why a client must not come back by itself.
struct FatalView: Encodable, Sendable {
    var code: String
    var message: String

    init(_ error: ChatError) {
        code = error.code
        message = error.message
    }
}
