import Domain
import SocketIO

/// What the sequencer knows of one room: how far it has come, what waits, and who was removed lately.
struct RoomLine {
    /// Everything up to here was passed on.
    private(set) var position: Int64
    /// Removals after this number are known.
    private var knownFrom: Int64
    private var removals: [UserID: Int64] = [:]
    private var held: [Int64: HeldEntry] = [:]

    init(at seq: Int64) {
        position = seq
        knownFrom = seq
    }

    enum Admission {
        case admitted
        /// The entry that lets the person in again has not been passed on yet. Its turn comes, and with it their
        /// sockets; before it they would hear what was said while they were away.
        case comes
        /// The person was removed after the membership was read.
        case removedSince
        /// The membership was read before this room was followed here.
        case unknown
    }

    /// Whether somebody who was a member at `seq` may be let in now.
    func admission(of user: UserID, asOf seq: Int64) -> Admission {
        if let removal = removals[user] {
            if removal > seq { return .removedSince }
            if position < seq { return .comes }
        }
        return seq >= knownFrom ? .admitted : .unknown
    }

    mutating func hold(_ entry: HeldEntry) {
        guard entry.position.changed_seq > position, held.count < RoomSequencer.heldMax else { return }
        held[entry.position.changed_seq] = entry
    }

    /// Whether something waits for what came before it.
    var hasGap: Bool { !held.isEmpty }

    /// The lowest number that waits.
    var firstHeld: Int64? { held.keys.min() }

    /// The entry whose turn it is, taken out.
    mutating func next() -> HeldEntry? { held.removeValue(forKey: position + 1) }

    mutating func advance(to seq: Int64) {
        guard seq > position else { return }
        // Numbers mostly go up by one; after a catch-up what waited before the end is settled.
        if seq > position + 1, !held.isEmpty { held = held.filter { $0.key > seq } }
        held[seq] = nil
        position = seq
    }

    mutating func removed(_ user: UserID, at seq: Int64) {
        removals[user] = seq
        guard removals.count > RoomSequencer.removalsMax else { return }
        let oldest = removals.min { $0.value < $1.value }!
        removals[oldest.key] = nil
        knownFrom = max(knownFrom, oldest.value)
    }

    mutating func readmitted(_ user: UserID) { removals[user] = nil }
}

/// An entry of a room's log on its way to the sockets.
struct HeldEntry: Sendable {
    let position: EntryPosition
    let event: Payload
    let options: BroadcastOptions
}

/// The place of an entry in a room's log, and what it does to the sockets of the people it tells of.
struct EntryPosition: Decodable, Sendable {
    var room: RoomID
    var changed_seq: Int64
    var kind: Message.Kind?
    var author: UserID?
    var target: UserID?

    /// Whose sockets hear the room from this entry on.
    var admits: UserID? {
        switch kind {
        case .joined: author
        case .added: target
        case .text, .created, .left, .removed, .renamed, .topic, .archived, .restored, .role, nil: nil
        }
    }

    /// Whose sockets hear nothing after this entry.
    var removes: UserID? {
        switch kind {
        case .left: author
        case .removed: target
        case .text, .created, .joined, .added, .renamed, .topic, .archived, .restored, .role, nil: nil
        }
    }

    init(_ message: Message) {
        room = message.room
        changed_seq = message.changedSeq
        kind = message.kind
        author = message.author
        target = message.target
    }
}
