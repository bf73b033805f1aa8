import EngineIO
import Foundation
import NIOCore
import SocketIOClient
import Synchronization

/// Connects many clients to Socket.IO servers, has them send, and measures.
struct LoadRun: Sendable {
    enum Mode: String, CaseIterable, Sendable {
        /// Connects and holds the connections.
        case idle
        /// Each client sends and waits for the answer before it sends again.
        case echo
        /// One client sends, and all are to receive it.
        case fanOut = "fan-out"
        /// As echo, and the answer has to say that the message is stored.
        case durableSend = "durable-send"
    }

    struct Plan: Sendable {
        var mode: Mode
        var addresses: [SocketIOAddress]
        /// For those that are `https:`.
        var trust: ServerTrust?
        var namespace = "/"
        var transport = SocketIOClient.Transport.websocket
        /// The credentials of each client, used in turn.
        var auths: [ByteBuffer] = []
        var clients: Int
        var connectsPerSecond: Double
        var duration: Duration
        var template: PayloadTemplate
        /// The event that comes back; nil when it is an acknowledgement.
        var replyEvent: String?
        /// Messages of each client that wait for their answers at the same time.
        var inFlight = 1
        /// Messages per second of the fan-out's sender.
        var sendsPerSecond: Double
        /// How long an answer may take.
        var answerTimeout = Duration.seconds(10)
    }

    /// What came out, also as `--json`.
    struct Report: Encodable, Sendable {
        var mode: String
        var urls: [String]
        var transport: String
        var clients: Int
        var connected: Int
        var refused: Int
        var dropped: Int
        var seconds: Double
        var sent: Int
        var received: Int
        var failed: Int
        var perSecond: Double
        var connect: LatencyRecorder.Summary?
        var latency: LatencyRecorder.Summary?
        var histogram: [LatencyRecorder.Bucket]
        /// The first reason for a failure.
        var problem: String?

        private enum CodingKeys: String, CodingKey {
            case mode, urls, transport, clients, connected, refused, dropped, seconds, sent, received, failed, connect,
                latency
            case histogram, problem
            case perSecond = "per_s"
        }
    }

    private struct Counts {
        var connected = 0
        var refused = 0
        var dropped = 0
        var sent = 0
        var received = 0
        var failed = 0
        var problem: String?
    }

    /// Shared by the clients' callbacks, which come on many loops.
    private final class State: Sendable {
        let counts = Mutex(Counts())
        let isRunning = Atomic(true)
        let connect = LatencyRecorder()
        let latency = LatencyRecorder()

        func fail(_ error: some Error) {
            counts.withLock { counts in
                counts.failed += 1
                counts.problem = counts.problem ?? "\(error)"
            }
        }
    }

    /// Connects that are made at the same time at most.
    private static let connectsAtOnceMax = 200

    let plan: Plan
    let progress: ProgressBar

    /// Runs to the end of the plan.
    ///
    /// - Throws: `Failure` (unavailable) when no client could connect.
    func run() async throws -> Report {
        OpenFiles.allowMost()
        let state = State()
        let clients = await connect(state)
        guard !clients.isEmpty else {
            let problem = state.counts.withLock { $0.problem } ?? "no reason was given"
            throw Failure(.unavailable, "no client could connect: \(problem)")
        }
        let startedAt = ContinuousClock.now
        let wholeSeconds = max(1, Int(plan.duration / .seconds(1)))
        let sender = Task { await send(clients, state) }
        while ContinuousClock.now - startedAt < plan.duration, !Task.isCancelled {
            let elapsed = ContinuousClock.now - startedAt
            let received = state.counts.withLock { $0.received }
            let rate = Double(received) / max(0.001, elapsed / .seconds(1))
            progress.show(Int(elapsed / .seconds(1)), of: wholeSeconds, detail: "\(TimeText.rate(rate)) per second")
            try? await Task.sleep(for: min(.milliseconds(100), plan.duration))
        }
        state.isRunning.store(false, ordering: .relaxed)
        let elapsed = (ContinuousClock.now - startedAt) / .seconds(1)
        sender.cancel()
        await sender.value
        let counts = state.counts.withLock { $0 }
        for client in clients { client.close() }
        progress.end()
        return Report(
            mode: plan.mode.rawValue,
            urls: plan.addresses.map(\.description),
            transport: plan.transport.rawValue,
            clients: plan.clients,
            connected: counts.connected,
            refused: counts.refused,
            dropped: counts.dropped,
            seconds: elapsed,
            sent: counts.sent,
            received: counts.received,
            failed: counts.failed,
            perSecond: Double(counts.received) / max(0.001, elapsed),
            connect: state.connect.summary,
            latency: state.latency.summary,
            histogram: state.latency.buckets,
            problem: counts.problem
        )
    }

    // MARK: Connecting

    private func connect(_ state: State) async -> [SocketIOClient] {
        let pause = Duration.seconds(1 / max(0.1, plan.connectsPerSecond))
        return await withTaskGroup(of: SocketIOClient?.self) { group in
            var clients: [SocketIOClient] = []
            var open = 0
            var due = ContinuousClock.now
            for number in 0..<plan.clients where !Task.isCancelled {
                if open >= Self.connectsAtOnceMax, let client = await group.next() {
                    open -= 1
                    if let client { clients.append(client) }
                }
                group.addTask { await connect(number, state) }
                open += 1
                progress.show(number, of: plan.clients, detail: "connecting")
                due += pause
                if due > .now { try? await Task.sleep(until: due, clock: .continuous) }
            }
            for await client in group { if let client { clients.append(client) } }
            return clients
        }
    }

    private func connect(_ number: Int, _ state: State) async -> SocketIOClient? {
        let startedAt = ContinuousClock.now
        let plan = plan
        let events = SocketIOClient.Events(
            received: { event in
                guard plan.mode == .fanOut || plan.replyEvent != nil else { return }
                guard event.name == plan.replyEvent ?? plan.template.event,
                    let age = Moment.age(in: event.arguments.readableBytesView)
                else { return }
                state.latency.record(age)
                state.counts.withLock { $0.received += 1 }
            },
            closed: {
                if state.isRunning.load(ordering: .relaxed) { state.counts.withLock { $0.dropped += 1 } }
            }
        )
        do {
            let client = try await SocketIOClient.connect(
                to: plan.addresses[number % plan.addresses.count],
                by: plan.transport,
                namespace: plan.namespace,
                auth: plan.auths.isEmpty ? nil : plan.auths[number % plan.auths.count],
                trust: plan.trust,
                events: events
            )
            state.connect.record(ContinuousClock.now - startedAt)
            state.counts.withLock { $0.connected += 1 }
            return client
        } catch {
            state.counts.withLock { counts in
                counts.refused += 1
                counts.problem = counts.problem ?? "\(error)"
            }
            return nil
        }
    }

    // MARK: Sending

    private func send(_ clients: [SocketIOClient], _ state: State) async {
        switch plan.mode {
        case .idle:
            return
        case .fanOut:
            await sendPaced(clients[0], state)
        case .echo, .durableSend:
            await withDiscardingTaskGroup { group in
                for (number, client) in clients.enumerated() {
                    for lane in 0..<plan.inFlight {
                        group.addTask { await sendInTurn(client, number, lane, state) }
                    }
                }
            }
        }
    }

    private func sendPaced(_ client: SocketIOClient, _ state: State) async {
        let pause = Duration.seconds(1 / max(0.01, plan.sendsPerSecond))
        var due = ContinuousClock.now
        var number = 0
        while state.isRunning.load(ordering: .relaxed), !Task.isCancelled {
            client.emit(plan.template.render(client: 0, number: number))
            state.counts.withLock { $0.sent += 1 }
            number += 1
            due += pause
            try? await Task.sleep(until: due, clock: .continuous)
        }
    }

    /// Sends, waits for the answer, sends again.
    private func sendInTurn(_ client: SocketIOClient, _ number: Int, _ lane: Int, _ state: State) async {
        var count = lane
        while state.isRunning.load(ordering: .relaxed), !Task.isCancelled {
            let startedAt = ContinuousClock.now
            let array = plan.template.render(client: number, number: count)
            count += plan.inFlight
            state.counts.withLock { $0.sent += 1 }
            if plan.replyEvent != nil {
                // The answers are counted where they arrive; here the pace is what the connection takes.
                client.emit(array)
                try? await Task.sleep(for: .seconds(1 / max(0.01, plan.sendsPerSecond)))
                continue
            }
            let answer: Result<ByteBuffer, SocketIOClientError> = await withCheckedContinuation { continuation in
                client.emit(array, timeout: plan.answerTimeout) { continuation.resume(returning: $0) }
            }
            switch answer {
            case .success(let arguments) where plan.mode == .durableSend && !Self.isStored(arguments):
                state.fail(Failure(.failed, "refused: \(String(buffer: arguments).prefix(200))"))
            case .success:
                state.latency.record(ContinuousClock.now - startedAt)
                state.counts.withLock { $0.received += 1 }
            case .failure(let error):
                guard state.isRunning.load(ordering: .relaxed) else { return }
                state.fail(error)
                if error == .closed { return }
            }
        }
    }

    /// `[{"ok":true,…}]`
    private static func isStored(_ arguments: ByteBuffer) -> Bool {
        struct Answer: Decodable { var ok: Bool }
        return (try? JSONDecoder().decode([Answer].self, from: Data(arguments.readableBytesView)).first?.ok) ?? false
    }
}
