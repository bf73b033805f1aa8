import NIOConcurrencyHelpers

/// The log of a namespace, and the one order of its events.
///
/// An event gets its number and is posted to its sockets under one lock, so that every client hears the events in the
/// order of their numbers: otherwise its last number would not say which ones it has. The lock is taken before the
/// mailboxes' own.
final class RecoveryStore: Sendable {
    /// Whether a client that comes back is spared the middlewares.
    let skipsMiddlewares: Bool
    private let log: NIOLockedValueBox<RecoveryLog>

    init(_ limits: ConnectionStateRecovery) {
        skipsMiddlewares = limits.skipMiddlewares
        log = NIOLockedValueBox(RecoveryLog(limits))
    }

    /// Remembers an event and has it sent with its offset.
    func remembering(_ event: Payload, _ options: BroadcastOptions, send: (Payload) -> Void) {
        log.withLockedValue { send($0.append(event, options, at: .now)) }
    }

    /// Remembers a client that has gone.
    func keep(_ session: RecoveryLog.Session, as privateID: String) {
        log.withLockedValue { $0.keep(session, as: privateID, at: .now) }
    }

    /// Hands out a client that has come back, once, if what it missed can be told.
    func take(_ privateID: String, offset: String) -> RecoveryLog.Session? {
        log.withLockedValue { log in
            guard let session = log.take(privateID, at: .now),
                log.missed(since: offset, in: session.allRooms) != nil
            else { return nil }
            return session
        }
    }

    /// Has a client brought back, with what it missed, in one step: every later event finds it in its place.
    ///
    /// - Returns: False when what it missed has been forgotten meanwhile.
    func restore(_ session: RecoveryLog.Session, since offset: String, _ restore: ([Payload]) -> Void) -> Bool {
        log.withLockedValue { log in
            guard let missed = log.missed(since: offset, in: session.allRooms) else { return false }
            restore(missed)
            return true
        }
    }
}

extension RecoveryLog.Session {
    /// With the room of its own.
    fileprivate var allRooms: Set<Room> { rooms.union([Room(id)]) }
}

extension LocalAdapter {
    func keep(_ socket: Socket, in rooms: Set<Room>) {
        guard let recovery, let privateID = socket.privateID else { return }
        recovery.keep(RecoveryLog.Session(id: socket.id, rooms: rooms, data: socket.data), as: privateID)
    }
}
