import Domain
import Logging
import SocketIO

/// Lets people hear the rooms that they were let into when the news of it were lost.
///
/// The sweep of the rooms cannot find these: none of this instance's sockets hears the room yet. So the loss of Redis is
/// not the loss of an invitation or of the first words of a direct conversation.
struct AdmissionSweep: Sendable {
    /// Time between two looks.
    static let interval = Duration.seconds(1)
    /// Admissions that one query reads, at most.
    static let pageMax = 500

    let rooms: any RoomStoring
    let sequencer: RoomSequencer
    let local: LocalAdapter
    let broadcasts: Broadcasts
    let clock: any Clock<Duration>
    let logger: Logger

    /// Sweeps until the task is cancelled.
    func run() async {
        var window: AdmissionWindow?
        while !Task.isCancelled {
            do {
                if window == nil { window = AdmissionWindow(from: try await rooms.latestAdmission()) }
                try? await clock.sleep(for: Self.interval)
                try await sweep(&window!)
            } catch {
                // The database is away; the window stays where it is.
                logger.debug("admissions could not be read", metadata: ["error": "\(error)"])
                try? await clock.sleep(for: Self.interval)
            }
        }
    }

    func sweep(_ window: inout AdmissionWindow) async throws {
        var last = window.floor
        while true {
            let page = try await rooms.admissions(after: last, limit: Self.pageMax)
            // What is new since the last look is most likely being told right now.
            for admission in page where admission.number <= window.seen { await admit(admission) }
            last = page.last?.number ?? last
            guard page.count == Self.pageMax else { break }
        }
        window.look(at: last)
    }

    private func admit(_ admission: Admission) async {
        let person = SocketIO.Room.user(admission.user)
        guard local.isOccupied(person) else { return }
        let deaf = await local.fetchSockets(BroadcastOptions(rooms: [person], except: [.room(admission.room)]))
        guard !deaf.value.isEmpty else { return }
        if sequencer.join(admission.user, admission.room, asOf: admission.lastSeq) { broadcasts.admitted(admission) }
    }
}

/// Which admissions a sweep has to look at.
///
/// Numbers are given before the commit, so a smaller one can appear after a larger one was seen. A number is below the
/// floor once it was seen so many looks ago that whatever transaction got a smaller one has ended.
struct AdmissionWindow {
    /// Looks after which every transaction that was open has ended: no call to the database may take as long.
    static let looksMax = 15

    /// Nothing up to here is looked at any more.
    private(set) var floor: Int64
    /// The highest number at the last look.
    var seen: Int64 { marks.last ?? floor }
    private var marks: [Int64] = []

    init(from number: Int64) { floor = number }

    /// Takes note of the highest number at this look.
    mutating func look(at number: Int64) {
        marks.append(max(number, seen))
        if marks.count > Self.looksMax { floor = marks.removeFirst() }
    }
}
