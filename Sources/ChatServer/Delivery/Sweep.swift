import Domain
import Logging
import SocketIO

/// Compares what this instance has passed on with what the database has, and passes on what is missing.
///
/// It runs always, Redis up or down. So the loss of a wake-up call is never the loss of a message: not when an
/// instance dies between commit and publish, not when Redis loses a publish, not when Redis is gone.
struct Sweep: Sendable {
    /// Time between two comparisons.
    static let interval = Duration.seconds(1)
    /// How long the news may be under way before they count as lost.
    static let patience = Duration.milliseconds(500)
    /// Most entries of one room that are passed on in one go; a client that is further behind asks by itself.
    static let entriesMax = 200

    let messages: any MessageStoring
    let ledger: DeliveryLedger
    let local: LocalAdapter
    let broadcasts: Broadcasts
    let clock: any Clock<Duration>
    let logger: Logger

    /// Sweeps until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: Self.interval)
            do {
                try await sweep()
            } catch is CancellationError {
                return
            } catch {
                // The database is away; it has the messages when it is back.
                logger.debug("sweep failed", metadata: ["error": "\(error)"])
            }
        }
    }

    func sweep() async throws {
        let behind = try await roomsBehind()
        guard !behind.isEmpty else { return }
        try await clock.sleep(for: Self.patience)
        for (room, latest) in behind {
            guard let position = ledger[room], position < latest else { continue }
            broadcasts.caughtUp(try await messages.changed(in: room, after: position, limit: Self.entriesMax))
        }
    }

    /// The rooms with newer entries than were passed on, and their last number.
    private func roomsBehind() async throws -> [RoomID: Int64] {
        let heard = Set(local.joinedRooms.compactMap(RoomID.init(heardAs:)))
        ledger.keepOnly(heard)
        guard !heard.isEmpty else { return [:] }
        let latest = try await messages.latestSequences(of: Array(heard))
        // A room that a socket joined through another instance begins here and now; its client asks for the past.
        for (room, seq) in latest { ledger.begin(room, at: seq) }
        return latest.filter { room, seq in ledger[room].map { $0 < seq } ?? false }
    }
}

extension RoomID {
    /// The room that a Socket.IO room stands for; nil for people and sessions.
    fileprivate init?(heardAs room: SocketIO.Room) {
        guard room.name.hasPrefix("r:") else { return nil }
        self.init(String(room.name.dropFirst(2)))
    }
}
