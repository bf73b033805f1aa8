import Domain
import EngineIO
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
        /// For an `https:` address.
        var trust: ServerTrust?
        var duration: Duration
        /// Time between two messages of one person.
        var pause: Duration
        var victims: [Victim]
        var killInterval: Duration
    }

    struct Report: Encodable, Sendable {
        var verdict: DeliveryVerdict
        var kills: [String]
        /// Connections that a draining instance sent away, and that came back to another.
        var moved: Int
        /// Connections that ended without a word.
        var dropped: Int
        /// Messages that were still not acknowledged when the time to settle was over.
        var pending: Int
        /// How long a client was without a connection.
        var longestAbsenceMilliseconds: Double
        var latency: LatencyRecorder.Summary?

        private enum CodingKeys: String, CodingKey {
            case verdict, kills, moved, dropped, pending, latency
            case longestAbsenceMilliseconds = "longest_absence_ms"
        }
    }

    /// How long sends and deliveries may go on when nothing new is sent.
    static let settleTime = Duration.seconds(60)
    /// A client that got nothing for that long is not about to get something.
    private static let settleInterval = Duration.seconds(1)

    let plan: Plan
    let guests: Guests
    let chat: Chat
    /// Kills one, and says what it was.
    let kill: @Sendable (Victim, [VerifyingClient]) async throws -> String
    let progress: ProgressBar

    func run() async throws -> Report {
        OpenFiles.allowMost()
        let latency = LatencyRecorder()
        let clients = guests.people.map { guest in
            let settings = VerifyingClient.Settings(
                address: plan.address,
                trust: plan.trust,
                rooms: guest.rooms.map(\.description),
                pause: plan.pause,
                latency: latency
            )
            return VerifyingClient(name: guest.identity.user.name, auth: guest.auth, settings: settings)
        }
        let running = clients.map { client in Task { await client.run() } }
        defer { for task in running { task.cancel() } }

        let ending = Ending()
        let kills = try await withThrowingTaskGroup(of: [String].self) { group in
            for client in clients {
                group.addTask {
                    await client.send(patience: Self.settleTime) { ending.isOver }
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

    /// Waits until every client has every entry of its rooms. Who gets nothing any more asks for the rest, as a client
    /// does that hears of a gap.
    private func settle(_ clients: [VerifyingClient]) async throws {
        let deadline = ContinuousClock.now + Self.settleTime
        let last = try await lastSequences()
        while ContinuousClock.now < deadline {
            var isComplete = true
            for client in clients where await !client.hasAll(last) { isComplete = false }
            if isComplete { return }
            progress.show(1, of: 1, detail: "waiting for the last deliveries")
            try await Task.sleep(for: Self.settleInterval)
        }
    }

    private func lastSequences() async throws -> [String: Int64] {
        let wanted = Set(guests.rooms)
        let all = try await chat.rooms(by: Servers.actor)
        return Dictionary(
            uniqueKeysWithValues: all.filter { wanted.contains($0.id) }.map { ($0.id.description, $0.room.lastSeq) }
        )
    }

    private func report(_ clients: [VerifyingClient], kills: [String], latency: LatencyRecorder) async throws -> Report
    {
        var verdict = DeliveryVerdict()
        for room in guests.rooms {
            let id = room.description
            var acknowledged: [String] = []
            var received: [[String]] = []
            for client in clients {
                guard let applied = await client.applied(id) else { continue }
                acknowledged += await client.acknowledged[id] ?? []
                received.append(applied)
            }
            verdict.judge(acknowledged: acknowledged, stored: try await stored(in: room), received: received)
        }
        var report = Report(
            verdict: verdict,
            kills: kills,
            moved: 0,
            dropped: 0,
            pending: 0,
            longestAbsenceMilliseconds: 0,
            latency: latency.summary
        )
        for client in clients {
            report.moved += await client.moved
            report.dropped += await client.dropped
            report.pending += await client.pending
            let absence = await client.longestAbsence / .milliseconds(1)
            report.longestAbsenceMilliseconds = max(report.longestAbsenceMilliseconds, absence)
        }
        progress.end()
        return report
    }

    /// The bodies of a room in its order.
    private func stored(in room: RoomID) async throws -> [String] {
        guard let member = guests.people.first(where: { $0.rooms.contains(room) }) else { return [] }
        var bodies: [String] = []
        var after: Int64 = 0
        while true {
            let page = try await chat.messages(
                in: room,
                page: .after(after),
                limit: Chat.pageLimitMax,
                by: member.identity
            )
            guard let last = page.messages.last else { return bodies }
            bodies += page.messages.filter { $0.kind == .text }.map(\.body)
            after = last.seq
        }
    }
}
