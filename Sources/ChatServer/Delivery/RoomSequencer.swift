import Domain
import SocketIO
import Synchronization

/// Passes the entries of each room on to the sockets of this instance strictly in the order of their numbers.
///
/// Entries come in any order: handlers of this instance race each other, and Redis brings what other instances
/// committed. What comes too early is held until what is missing came too, or was read from the database. So an
/// instance that is late to learn of a removal cannot pass on a later message first: the removal has the smaller
/// number, and with it the person's sockets leave the room.
final class RoomSequencer: Sendable {
    /// Entries of one room that are held; whatever is over it is read from the database again.
    static let heldMax = 2_048
    /// Removals of one room that are remembered against joins that were decided before them.
    static let removalsMax = 64

    private static let shardCount = 16
    private let shards = (0..<shardCount).map { _ in Shard() }
    private let local: LocalAdapter
    private let gapsContinuation: AsyncStream<Void>.Continuation
    /// Says that some room waits for an entry. Signals that nobody took yet are one signal.
    let gaps: AsyncStream<Void>

    init(local: LocalAdapter) {
        self.local = local
        (gaps, gapsContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    private final class Shard: Sendable {
        let rooms = Mutex<[RoomID: RoomLine]>([:])
    }

    private func shard(_ room: RoomID) -> Shard {
        shards[Int(UInt(bitPattern: room.hashValue) % UInt(Self.shardCount))]
    }

    // MARK: Coming in

    /// A socket hears a room of which its person was a member when the room had come to `seq`.
    ///
    /// False when it cannot be known whether the membership has ended since: then it has to be read again. A person
    /// who was removed since joins nothing.
    func join(_ socket: Socket, _ room: RoomID, of user: UserID, asOf seq: Int64) -> Bool {
        enter(room, of: user, asOf: seq) { socket.join(.room(room)) }
    }

    /// The same for every socket of a person on this instance; nothing happens when there is none.
    @discardableResult
    func join(_ user: UserID, _ room: RoomID, asOf seq: Int64) -> Bool {
        guard local.isOccupied(.user(user)) else { return true }
        return enter(room, of: user, asOf: seq) {
            self.local.addSockets(BroadcastOptions(rooms: [.user(user)]), to: [.room(room)])
        }
    }

    private func enter(_ room: RoomID, of user: UserID, asOf seq: Int64, _ join: () -> Void) -> Bool {
        shard(room).rooms.withLock { rooms in
            // What a room went through while nobody here heard it is unknown, so it begins anew.
            let line = local.isOccupied(.room(room)) ? rooms[room] ?? RoomLine(at: seq) : RoomLine(at: seq)
            defer { rooms[room] = line }
            switch line.admission(of: user, asOf: seq) {
            case .unknown: return false
            case .removedSince, .comes: return true
            case .admitted:
                join()
                return true
            }
        }
    }

    // MARK: Passing on

    /// Passes an entry on, now or once those before it have come.
    func pass(_ event: Payload, _ options: BroadcastOptions, at entry: EntryPosition) {
        let opensGap = shard(entry.room).rooms.withLock { rooms in
            guard var line = rooms[entry.room] else {
                // Nobody here hears the room through us; the person whom the entry admits may be here.
                local.broadcast(event, options: options)
                return false
            }
            let hadGap = line.hasGap
            line.hold(HeldEntry(position: entry, event: event, options: options))
            while let next = line.next() { release(next, &line) }
            rooms[entry.room] = line
            return line.hasGap && !hadGap
        }
        if opensGap { gapsContinuation.yield() }
    }

    /// Passes on what was read from the database: everything up to `end` that has not been passed on yet.
    func catchUp(_ room: RoomID, with entries: [HeldEntry], upTo end: Int64) {
        let hasGap = shard(room).rooms.withLock { rooms in
            guard var line = rooms[room] else { return false }
            for entry in entries where entry.position.changed_seq > line.position { release(entry, &line) }
            line.advance(to: end)
            while let next = line.next() { release(next, &line) }
            rooms[room] = line
            return line.hasGap
        }
        // More was missing than is read in one go.
        if hasGap { gapsContinuation.yield() }
    }

    /// Under the lock of the room's shard, so nothing overtakes.
    private func release(_ entry: HeldEntry, _ line: inout RoomLine) {
        line.advance(to: entry.position.changed_seq)
        let room = SocketIO.Room.room(entry.position.room)
        if let person = entry.position.admits {
            // Also when they are not here now: else they would be waited for when they come.
            line.readmitted(person)
            local.addSockets(BroadcastOptions(rooms: [.user(person)]), to: [room])
        }
        local.broadcast(entry.event, options: entry.options)
        if let person = entry.position.removes {
            line.removed(person, at: entry.position.changed_seq)
            local.removeSockets(BroadcastOptions(rooms: [.user(person)]), from: [room])
        }
    }

    // MARK: For the sweep

    /// Where a room stands; nil when nobody here hears it.
    subscript(room: RoomID) -> Int64? { shard(room).rooms.withLock { $0[room]?.position } }

    /// The lowest number that is held in a room, nil when none is: what stands before it is missing.
    func firstHeld(of room: RoomID) -> Int64? { shard(room).rooms.withLock { $0[room]?.firstHeld } }

    /// The rooms in which entries are held.
    var roomsWithGaps: [RoomID] {
        shards.flatMap { shard in shard.rooms.withLock { rooms in rooms.filter { $0.value.hasGap }.map(\.key) } }
    }

    /// Begins a room that sockets joined without us, which only happens through a foreign member of the fleet.
    func begin(_ room: RoomID, at seq: Int64) {
        shard(room).rooms.withLock { rooms in
            if rooms[room] == nil { rooms[room] = RoomLine(at: seq) }
        }
    }

    /// Forgets the rooms that nobody on this instance hears any more.
    func forgetUnheard() {
        for shard in shards {
            shard.rooms.withLock { rooms in rooms = rooms.filter { local.isOccupied(.room($0.key)) } }
        }
    }
}
