import Domain
import Foundation
import NIOCore
import SocketIOClient
import Synchronization

/// People who talk while parts of the system are killed, and the account of what became of their words.
struct DeliveryCheck: Sendable {
    enum Victim: String, CaseIterable, Sendable {
        case redis, instance, client
    }

    struct Plan: Sendable {
        var address: SocketIOAddress
        var duration: Duration
        /// Time between two messages of one person.
        var pause: Duration
        var victims: [Victim]
        var killInterval: Duration
    }

    struct Report: Encodable, Sendable {
        var verdict: DeliveryVerdict
        var kills: [String]
        var reconnects: Int
        var longestAbsenceMilliseconds: Double
        var latency: LatencyRecorder.Summary?

        private enum CodingKeys: String, CodingKey {
            case verdict, kills, reconnects, latency
            case longestAbsenceMilliseconds = "longest_absence_ms"
        }
    }

    /// How long sends and deliveries may go on when nothing new is sent.
    static let settleTime = Duration.seconds(60)

    let plan: Plan
    let guests: Guests
    let chat: Chat
    /// Kills one, and says what it was.
    let kill: @Sendable (Victim, [VerifyingClient]) async throws -> String
    let progress: ProgressBar

    func run() async throws -> Report {
        let latency = LatencyRecorder()
        let rooms = guests.rooms.map(\.id)
        let have = try await lastSequences()
        let settings = VerifyingClient.Settings(
            address: plan.address,
            rooms: rooms.map(\.description),
            pause: plan.pause,
            latency: latency
        )
        let clients = guests.people.map { guest in
            VerifyingClient(name: guest.identity.user.name, auth: guest.auth, settings: settings, have: have)
        }
        let running = clients.map { client in Task { await client.run() } }
        defer { for task in running { task.cancel() } }

        let ending = Ending()
        let kills = try await withThrowingTaskGroup(of: [String].self) { group in
            for client in clients {
                group.addTask {
                    await client.send { ending.isOver }
                    return []
                }
            }
            group.addTask { try await killing(clients, ending) }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        try await settle(clients)
        return try await report(clients, kills: kills, latency: latency)
    }

    private final class Ending: Sendable {
        private let value = Atomic(false)
        var isOver: Bool {
            get { value.load(ordering: .relaxed) }
            set { value.store(newValue, ordering: .relaxed) }
        }
    }

    /// Kills in turn while time goes by.
    private func killing(_ clients: [VerifyingClient], _ ending: Ending) async throws -> [String] {
        var killed: [String] = []
        let startedAt = ContinuousClock.now
        var next = startedAt + plan.killInterval
        let seconds = max(1, Int(plan.duration / .seconds(1)))
        while ContinuousClock.now - startedAt < plan.duration {
            progress.show(
                Int((ContinuousClock.now - startedAt) / .seconds(1)),
                of: seconds,
                detail: killed.last.map { "killed \($0)" } ?? ""
            )
            // Not in the last moments: what is killed shall be back before the end.
            if !plan.victims.isEmpty, ContinuousClock.now >= next {
                next += plan.killInterval
                killed.append(try await kill(plan.victims[killed.count % plan.victims.count], clients))
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        ending.isOver = true
        return killed
    }

    /// Waits until every client has every room's last entry.
    private func settle(_ clients: [VerifyingClient]) async throws {
        let deadline = ContinuousClock.now + Self.settleTime
        let last = try await lastSequences()
        while ContinuousClock.now < deadline {
            var isComplete = true
            for client in clients {
                for (room, seq) in last where await client.have(room) < seq {
                    isComplete = false
                    await client.catchUp()
                }
            }
            if isComplete { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func lastSequences() async throws -> [String: Int64] {
        let wanted = Set(guests.rooms.map(\.id))
        let all = try await chat.rooms(by: .person(guests.people[0].identity))
        return Dictionary(
            uniqueKeysWithValues: all.filter { wanted.contains($0.id) }.map { ($0.id.description, $0.room.lastSeq) }
        )
    }

    private func report(_ clients: [VerifyingClient], kills: [String], latency: LatencyRecorder) async throws -> Report
    {
        var verdict = DeliveryVerdict()
        for room in guests.rooms {
            let id = room.id.description
            var acknowledged: [String] = []
            var received: [[String]] = []
            for client in clients {
                acknowledged += await client.acknowledged[id] ?? []
                received.append(await client.applied(id))
            }
            verdict.judge(acknowledged: acknowledged, stored: try await stored(in: room.id), received: received)
        }
        var reconnects = 0
        var absence = Duration.zero
        for client in clients {
            reconnects += await client.reconnects
            absence = max(absence, await client.longestAbsence)
        }
        progress.end()
        return Report(
            verdict: verdict,
            kills: kills,
            reconnects: reconnects,
            longestAbsenceMilliseconds: absence / .milliseconds(1),
            latency: latency.summary
        )
    }

    /// The bodies of a room in its order.
    private func stored(in room: RoomID) async throws -> [String] {
        var bodies: [String] = []
        var after: Int64 = 0
        while true {
            let page = try await chat.messages(
                in: room,
                page: .after(after),
                limit: Chat.pageLimitMax,
                by: guests.people[0].identity
            )
            guard let last = page.messages.last else { return bodies }
            bodies += page.messages.filter { $0.kind == .text }.map(\.body)
            after = last.seq
        }
    }
}
