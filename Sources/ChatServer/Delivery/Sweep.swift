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
    /// Most entries of one room that are passed on in one go,
    static let entriesMax = 200
    /// and most bytes of their texts: in JSON no more than what may wait for a socket. Where more is missing the sockets
    /// are told so, and ask for it at their own pace.
    static let textBytesMax = 128 * 1_024

    /// How long an entry that came too early waits for those before it until they are read.
    static let gapPatience = Duration.milliseconds(30)

    let messages: any MessageStoring
    let sequencer: RoomSequencer
    let local: LocalAdapter
    let broadcasts: Broadcasts
    /// False where an instance keeps to itself: then the rooms move on, and who was removed is, but what others wrote
    /// is not passed on.
    let passesOn: Bool
    let clock: any Clock<Duration>
    let logger: Logger

    /// Sweeps until the task is cancelled.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await sweepRegularly() }
            group.addTask { await fillGaps() }
        }
    }

    private func sweepRegularly() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: Self.interval)
            await trying { try await sweep() }
        }
    }

    /// What came too early is not kept waiting for the next sweep.
    private func fillGaps() async {
        for await _ in sequencer.gaps {
            try? await clock.sleep(for: Self.gapPatience)
            for room in sequencer.roomsWithGaps {
                guard let waiting = sequencer.firstHeld(of: room) else { continue }
                await trying { try await catchUp(room, upTo: waiting - 1) }
            }
        }
    }

    private func trying(_ work: () async throws -> Void) async {
        do {
            try await work()
        } catch {
            // The database is away; it has the messages when it is back.
            logger.debug("sweep failed", metadata: ["error": "\(error)"])
        }
    }

    func sweep() async throws {
        let behind = try await roomsBehind()
        guard !behind.isEmpty else { return }
        try await clock.sleep(for: Self.patience)
        for (room, latest) in behind {
            try await catchUp(room, upTo: latest)
        }
    }

    /// Passes on what is missing up to `end`, or says that it is too much.
    private func catchUp(_ room: RoomID, upTo end: Int64) async throws {
        guard let position = sequencer[room], position < end else { return }
        guard end - position <= Self.entriesMax else { return try await moveOn(room, from: position) }
        let tail = try await messages.changed(in: room, after: position, limit: Int(end - position))
        guard tail.textBytes <= Self.textBytesMax else { return try await moveOn(room, from: position) }
        broadcasts.caughtUp(room, tail, passingOn: passesOn)
    }

    /// Brings a room to its end without passing on what was said, and lets its sockets ask for that.
    private func moveOn(_ room: RoomID, from position: Int64) async throws {
        var position = position
        // Also when the database goes away in between: so far the room has moved on.
        defer { if passesOn { broadcasts.hint(room, lastSeq: position) } }
        while true {
            // Who came and who went counts all the same.
            let tail = try await messages.admissions(in: room, after: position, limit: Self.entriesMax)
            broadcasts.caughtUp(room, tail, passingOn: false)
            position = tail.to
            if tail.messages.count < Self.entriesMax { return }
        }
    }

    /// The rooms with newer entries than were passed on, and their last number.
    private func roomsBehind() async throws -> [RoomID: Int64] {
        sequencer.forgetUnheard()
        let heard = local.joinedRooms.compactMap(RoomID.init(heardAs:))
        guard !heard.isEmpty else { return [:] }
        let latest = try await messages.latestSequences(of: heard)
        // A room that a socket joined through a foreign server begins here and now; its client asks for the past.
        for (room, seq) in latest { sequencer.begin(room, at: seq) }
        return latest.filter { room, seq in sequencer[room].map { $0 < seq } ?? false }
    }
}

extension RoomID {
    /// The room that a Socket.IO room stands for; nil for people and sessions.
    fileprivate init?(heardAs room: SocketIO.Room) {
        guard room.name.hasPrefix("r:") else { return nil }
        self.init(String(room.name.dropFirst(2)))
    }
}
