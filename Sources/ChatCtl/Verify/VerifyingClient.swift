import Foundation
import NIOCore
import SocketIOClient

/// A client that sends without pause, comes back when its connection ends, and keeps account of what it got.
actor VerifyingClient {
    struct Settings: Sendable {
        var address: SocketIOAddress
        var trust: ServerTrust?
        var rooms: [String]
        /// Time between two messages.
        var pause: Duration
        var latency: LatencyRecorder
    }

    private static let answerTimeout = Duration.seconds(5)
    private static let repeatDelay = Duration.milliseconds(100)
    /// In milliseconds.
    private static let reconnectDelay = (least: 100, most: 500)

    private enum Input: Sendable {
        case event(SocketIOClient.Event)
        case closed
    }

    private struct Entry: Decodable, Sendable {
        var room: String
        var seq: Int64
        var changed_seq: Int64
        var kind: String
        var body: String
    }
    private struct RoomAnswer: Decodable, Sendable {
        var ok: Bool
        var data: Changes?
    }
    private struct Changes: Decodable, Sendable {
        var to: Int64
        var more: Bool?
        var messages: [Entry]
    }
    private struct SyncRequest: Encodable, Sendable {
        var room: String
        var since: Int64
    }
    private struct SendRequest: Encodable, Sendable {
        var room: String
        var client_id: String
        var body: String
    }
    private struct Acknowledgement: Decodable, Sendable {
        struct Problem: Decodable, Sendable { var retryable: Bool? }
        var ok: Bool
        var error: Problem?
    }

    let name: String
    private let auth: ByteBuffer
    private let settings: Settings
    private var receptions: [String: Reception]
    private var client: SocketIOClient?
    private var syncing: Set<String> = []
    private(set) var acknowledged: [String: [String]] = [:]
    /// Connections that ended because a draining instance asked for it.
    private(set) var moved = 0
    /// Connections that ended otherwise.
    private(set) var dropped = 0
    /// Messages that were given up.
    private(set) var pending = 0
    /// How long the client was away, the longest time.
    private(set) var longestAbsence = Duration.zero
    /// The instance asked the client to leave.
    private var isMoving = false
    /// The connection that is to be left as soon as nothing waits for an answer.
    private var isDueToLeave: SocketIOClient?
    /// A message waits for its acknowledgement.
    private var isSending = false

    /// A client of rooms in which nothing was said yet.
    init(name: String, auth: ByteBuffer, settings: Settings) {
        self.name = name
        self.auth = auth
        self.settings = settings
        receptions = Dictionary(uniqueKeysWithValues: settings.rooms.map { ($0, Reception(have: 0)) })
    }

    // MARK: Connection

    /// Stays connected until the task is cancelled.
    func run() async {
        var lostAt: ContinuousClock.Instant?
        while !Task.isCancelled {
            let (inputs, feed) = AsyncStream.makeStream(of: Input.self)
            do {
                let client = try await SocketIOClient.connect(
                    to: settings.address,
                    auth: auth,
                    trust: settings.trust,
                    events: .init(received: { feed.yield(.event($0)) }, closed: { feed.yield(.closed) })
                )
                self.client = client
                if let lostAt { longestAbsence = max(longestAbsence, ContinuousClock.now - lostAt) }
                lostAt = nil
                isMoving = false
                await listen(inputs)
                self.client = nil
                client.close()
                lostAt = .now
                if isMoving { moved += 1 } else { dropped += 1 }
            } catch {
                lostAt = lostAt ?? .now
            }
            let delay = Int.random(in: Self.reconnectDelay.least...Self.reconnectDelay.most)
            try? await Task.sleep(for: .milliseconds(delay))
        }
        client?.close()
    }

    /// Cuts the connection, as a network that fails.
    func cut() { client?.close() }

    private func listen(_ inputs: AsyncStream<Input>) async {
        for await input in inputs {
            switch input {
            case .closed: return
            case .event(let event): take(event)
            }
        }
    }

    private func take(_ event: SocketIOClient.Event) {
        switch event.name {
        case "session:ready":
            for room in settings.rooms { sync(room) }
        case "message:created":
            guard let entry = try? event.decode(Entry.self) else { return }
            take(entry)
        case "room:seq":
            struct Hint: Decodable {
                var room: String
                var last_seq: Int64
            }
            guard let hint = try? event.decode(Hint.self), let have = receptions[hint.room]?.have else { return }
            if hint.last_seq > have { sync(hint.room) }
        case "server:moving":
            struct Moving: Decodable { var in_ms: Int }
            guard let moving = try? event.decode(Moving.self) else { return }
            isMoving = true
            Task { [client] in
                try? await Task.sleep(for: .milliseconds(moving.in_ms))
                self.isDueToLeave = client
                self.leaveIfIdle()
            }
        default: return
        }
    }

    /// As the browser client does it: leaves by itself when the moment has come and nothing waits for an answer.
    private func leaveIfIdle() {
        guard let leaving = isDueToLeave, !isSending else { return }
        isDueToLeave = nil
        if leaving === client { leaving.close() }
    }

    private func take(_ entry: Entry) {
        guard var reception = receptions[entry.room] else { return }
        let decision = reception.take(changedSeq: entry.changed_seq, body: Self.body(of: entry))
        receptions[entry.room] = reception
        switch decision {
        case .apply: if let age = Moment.age(in: entry.body.utf8) { settings.latency.record(age) }
        case .ignore: break
        case .sync: sync(entry.room)
        }
    }

    private static func body(of entry: Entry) -> String? { entry.kind == "text" ? entry.body : nil }

    /// Asks for what is missing, once at a time for each room.
    private func sync(_ room: String) {
        guard let client, let have = receptions[room]?.have, syncing.insert(room).inserted else { return }
        Task {
            let answer = try? await client.ask(
                "room:sync",
                SyncRequest(room: room, since: have),
                timeout: Self.answerTimeout,
                as: RoomAnswer.self
            )
            self.synced(room, answer?.data)
        }
    }

    private func synced(_ room: String, _ changes: Changes?) {
        syncing.remove(room)
        guard let changes, var reception = receptions[room] else { return }
        let rows = changes.messages.sorted { $0.changed_seq < $1.changed_seq }
        for row in rows where row.changed_seq > reception.have {
            if let age = Moment.age(in: row.body.utf8) { settings.latency.record(age) }
        }
        reception.take(synced: rows.map { ($0.changed_seq, Self.body(of: $0)) }, upTo: changes.to)
        receptions[room] = reception
        if changes.more == true { sync(room) }
    }

    // MARK: Sending

    /// Sends until `isOver`, each message until it is acknowledged, in order; after the end for `patience` more.
    func send(patience: Duration, until isOver: @escaping @Sendable () -> Bool) async {
        var number = 0
        var deadline: ContinuousClock.Instant?
        // Reads the clock only once the end has come.
        func isLate() -> Bool {
            guard isOver() else { return false }
            let end = deadline ?? ContinuousClock.now + patience
            deadline = end
            return ContinuousClock.now > end
        }
        // Not all in the same moment.
        try? await Task.sleep(for: settings.pause * Double.random(in: 0...1))
        while !isOver(), !Task.isCancelled {
            number += 1
            let room = settings.rooms[number % settings.rooms.count]
            await deliver("\(name) \(number) \(Moment.now())", to: room, orGiveUp: isLate)
            try? await Task.sleep(for: settings.pause)
        }
    }

    /// A send is repeated with the same id, on whatever instance, until it is acknowledged.
    private func deliver(_ body: String, to room: String, orGiveUp isLate: () -> Bool) async {
        let request = SendRequest(room: room, client_id: UUID().uuidString.lowercased(), body: body)
        while !Task.isCancelled, !isLate() {
            if let client, isDueToLeave == nil, await ask(client, request) {
                acknowledged[room, default: []].append(body)
                return
            }
            try? await Task.sleep(for: Self.repeatDelay)
        }
        pending += 1
    }

    private func ask(_ client: SocketIOClient, _ request: SendRequest) async -> Bool {
        isSending = true
        defer {
            isSending = false
            leaveIfIdle()
        }
        let answer = try? await client.ask(
            "message:send",
            request,
            timeout: Self.answerTimeout,
            as: Acknowledgement.self
        )
        return answer?.ok == true
    }

    // MARK: Account

    /// What was applied of a room, in order; nil for a room of others.
    func applied(_ room: String) -> [String]? { receptions[room]?.applied }

    private var counted: Int64 = 0

    /// Whether everything up to these numbers was applied. Asks for what is missing when nothing came since the last time.
    func hasAll(_ last: [String: Int64]) -> Bool {
        let missing = receptions.filter { room, reception in reception.have < last[room] ?? 0 }
        guard !missing.isEmpty else { return true }
        let count = receptions.values.reduce(0) { $0 + $1.have }
        if count == counted { for room in missing.keys { sync(room) } }
        counted = count
        return false
    }
}
