import Domain
import Logging
import Synchronization

/// Reading positions on their way to the database: each person's position in a room is written at most once in a
/// second, however often they scroll. What waits is written when they leave the room and when the instance stops.
final class ReadMarkers: Sendable {
    /// Time between two writes of one position.
    static let interval = Duration.seconds(1)

    private let chat: Chat
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let markers = Mutex<[Key: Marker]>([:])

    private struct Key: Hashable {
        let room: RoomID
        let user: UserID
    }

    /// A position that was written in this interval, and a later one that waits for the next.
    private struct Marker {
        let identity: Identity
        var waiting: Int64?
    }

    init(chat: Chat, clock: any Clock<Duration> = ContinuousClock(), logger: Logger) {
        self.chat = chat
        self.clock = clock
        self.logger = logger
    }

    /// The person has read the room up to `seq`. Throws `notFound`.
    func set(_ room: RoomID, upTo seq: Int64, by identity: Identity) async throws -> RoomSummary {
        let key = Key(room: room, user: identity.user.id)
        let writesNow = markers.withLock { markers in
            guard let marker = markers[key] else {
                markers[key] = Marker(identity: identity)
                return true
            }
            markers[key]!.waiting = max(seq, marker.waiting ?? seq)
            return false
        }
        if writesNow { return try await chat.markRead(room, upTo: seq, by: identity) }
        do {
            return try await chat.previewRead(room, upTo: seq, by: identity)
        } catch {
            markers.withLock { $0[key]?.waiting = nil }
            throw error
        }
    }

    /// Writes what waits for one room of a person, before they leave it or mark it as unread.
    func settle(_ room: RoomID, of user: UserID) async {
        let waiting = markers.withLock { markers in markers.removeValue(forKey: Key(room: room, user: user)) }
        if let waiting { await write(room, waiting) }
    }

    /// Writes in every interval what waits, until the task is cancelled; then the rest at once.
    func run() async {
        while !Task.isCancelled {
            try? await clock.sleep(for: Self.interval)
            await writeWaiting()
        }
        await writeWaiting()
    }

    private func writeWaiting() async {
        let due = markers.withLock { markers in
            defer { markers = markers.compactMapValues { $0.waiting == nil ? nil : Marker(identity: $0.identity) } }
            return markers.filter { $0.value.waiting != nil }
        }
        for (key, marker) in due { await write(key.room, marker) }
    }

    private func write(_ room: RoomID, _ marker: Marker) async {
        guard let seq = marker.waiting else { return }
        do {
            _ = try await chat.markRead(room, upTo: seq, by: marker.identity)
        } catch {
            // The client marks again when it shows the room; positions never go back by themselves.
            logger.debug("cannot write a reading position", metadata: ["error": "\(error)"])
        }
    }
}
