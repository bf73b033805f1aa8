import DequeModule
import NIOCore

/// The events of a namespace, numbered in the order in which its sockets hear them, and the clients that are away.
///
/// A plain value: whoever owns it brings the order and the time. The oldest entries go first when a limit is reached.
struct RecoveryLog {
    /// A client that is away.
    struct Session {
        var id: String
        var rooms: Set<Room>
        var data: SocketData
    }

    private struct Entry {
        var event: Payload
        var options: BroadcastOptions
        var bytes: Int
        var at: ContinuousClock.Instant
    }

    private struct Absence {
        var session: Session
        var since: ContinuousClock.Instant
    }

    private let limits: ConnectionStateRecovery
    private var entries: Deque<Entry> = []
    private var bytes = 0
    /// The number of the first entry that is still here.
    private var firstNumber = 1
    private var absences: [String: Absence] = [:]
    /// The keys of `absences` by age; those that have come back meanwhile are passed over.
    private var ages: Deque<(privateID: String, since: ContinuousClock.Instant)> = []

    init(_ limits: ConnectionStateRecovery) { self.limits = limits }

    // MARK: Events

    /// Remembers an event and returns it as its receivers get it: with its offset behind the arguments.
    mutating func append(_ event: Payload, _ options: BroadcastOptions, at now: ContinuousClock.Instant) -> Payload {
        let event = Self.appending(firstNumber + entries.count, to: event)
        let size = event.json.readableBytes + event.attachments.reduce(0) { $0 + $1.readableBytes }
        entries.append(Entry(event: event, options: options, bytes: size, at: now))
        bytes += size
        while let oldest = entries.first,
            entries.count > limits.eventsMax || bytes > limits.bytesMax
                || oldest.at + limits.maxDisconnectionDuration < now
        {
            entries.removeFirst()
            bytes -= oldest.bytes
            firstNumber += 1
        }
        return event
    }

    /// What somebody in these rooms missed behind the event with this offset; nil when it cannot be told any more.
    func missed(since offset: String, in rooms: Set<Room>) -> [Payload]? {
        // The event itself has to be here still: only then is it certain that all behind it are.
        guard let number = Int(offset, radix: Self.offsetRadix), number >= firstNumber,
            number < firstNumber + entries.count
        else { return nil }
        return entries[(number - firstNumber + 1)...].compactMap { entry in
            let options = entry.options
            guard options.rooms.isEmpty || options.rooms.contains(where: rooms.contains),
                !options.except.contains(where: rooms.contains)
            else { return nil }
            return entry.event
        }
    }

    private static let offsetRadix = 36

    private static func appending(_ number: Int, to event: Payload) -> Payload {
        let offset = String(number, radix: offsetRadix)
        var json = ByteBuffer()
        json.reserveCapacity(event.json.readableBytes + offset.utf8.count + 3)
        // An event is `["name",…]`; space behind its bracket is as good as none.
        let view = event.json.readableBytesView
        let end = view.lastIndex(of: UInt8(ascii: "]")) ?? view.endIndex
        json.writeBytes(view[..<end])
        json.writeString(",\"\(offset)\"]")
        return Payload(json: json, attachments: event.attachments)
    }

    // MARK: Clients

    /// Remembers a client that has gone, under the id that only it and the server know.
    mutating func keep(_ session: Session, as privateID: String, at now: ContinuousClock.Instant) {
        absences[privateID] = Absence(session: session, since: now)
        ages.append((privateID, now))
        while let (privateID, since) = ages.first,
            ages.count > limits.sessionsMax || since + limits.maxDisconnectionDuration < now
        {
            ages.removeFirst()
            if absences[privateID]?.since == since { absences[privateID] = nil }
        }
    }

    /// Hands out a client that has come back, once; nil when it is not known or was away for too long.
    mutating func take(_ privateID: String, at now: ContinuousClock.Instant) -> Session? {
        guard let absence = absences.removeValue(forKey: privateID),
            now <= absence.since + limits.maxDisconnectionDuration
        else { return nil }
        return absence.session
    }
}
