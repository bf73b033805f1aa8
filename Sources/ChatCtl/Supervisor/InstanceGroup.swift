import Fleet
import Foundation
import Synchronization

/// The instances of this machine: started together, each kept alive by itself, more or fewer and new ones on request.
actor InstanceGroup {
    private let launcher: InstanceLauncher
    private let nextID: @Sendable () async throws -> String
    private let state: StateFile
    private let progress: Progress

    /// One place in the group. Its instance changes when it crashes and comes back.
    private struct Member {
        let current: Current
        let keeper: Task<Void, any Error>
    }

    private var members: [Int: Member] = [:]
    private var nextMember = 0
    /// Scaling and restarting one at a time: each counts on the members that it saw.
    private var isBusy = false
    private let gaveUp = AsyncStream.makeStream(of: Failure.self)

    init(
        launcher: InstanceLauncher,
        nextID: @escaping @Sendable () async throws -> String,
        state: StateFile,
        progress: Progress
    ) {
        self.launcher = launcher
        self.nextID = nextID
        self.state = state
        self.progress = progress
    }

    /// Starts `count` instances, calls `onReady`, and keeps them alive until its task is cancelled. All have ended when it
    /// returns or throws.
    ///
    /// - Throws: when one cannot be started at the beginning, or when the last one is given up.
    func run(count: Int, onReady: @escaping @Sendable () async -> Void) async throws {
        let started = try await startAll(count)
        for instance in started { try await adopt(instance) }
        guard !Task.isCancelled else {
            await stopEverything()
            throw CancellationError()
        }
        await onReady()
        var last: Failure?
        for await failure in gaveUp.stream {
            last = failure
            break
        }
        await stopEverything()
        if let last { throw last }
    }

    // MARK: On request

    /// Whether everything was stopped.
    private(set) var hasEnded = false

    /// Does what another command asked for.
    func carryOut(
        _ request: SupervisorRequest,
        tell: @escaping @Sendable (SupervisorEvent) -> Void
    ) async throws {
        switch request {
        case .scale(let count, let drain):
            try await scale(to: count, drain: drain, tell: tell)
        case .restart(let instances, let unavailableMax, let drain):
            try await restart(instances, unavailableMax: unavailableMax, drain: drain, tell: tell)
        }
    }

    /// Starts or stops instances until there are `count`.
    func scale(
        to count: Int,
        drain: DrainPlan,
        tell: @escaping @Sendable (SupervisorEvent) -> Void
    ) async throws {
        try begin()
        defer { isBusy = false }
        let present = members.count
        if count > present {
            tell(.doing("starting \(count - present) more"))
            for (index, instance) in try await startAll(count - present).enumerated() {
                try await adopt(instance)
                tell(.stepped(SupervisorStep(index: index + 1, of: count - present, started: instance.id)))
            }
        } else {
            // The youngest go: the oldest have the most clients.
            let leaving = Array(inOrder.suffix(present - count))
            let total = leaving.count
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, member) in leaving.enumerated() {
                    group.addTask {
                        var step = SupervisorStep(index: index + 1, of: total)
                        await self.retire(member, drain, &step, tell)
                        tell(.stepped(step))
                    }
                }
                try await group.waitForAll()
            }
        }
        state.update { $0.count = count }
    }

    /// Replaces instances, at most `unavailableMax` at the same time: start, ready, drain, stop.
    ///
    /// The successor comes first, so that it gets its share of the clients who have to leave. After it there would be
    /// nobody left to leave: of three instances that are replaced in turn the last one had no clients at all, the first
    /// five eighths. When all are replaced at once nobody is there to be relieved, and they go first.
    func restart(
        _ ids: [String],
        unavailableMax: Int,
        drain: DrainPlan,
        tell: @escaping @Sendable (SupervisorEvent) -> Void
    ) async throws {
        try begin()
        defer { isBusy = false }
        let chosen = try choose(ids)
        let total = chosen.count
        let successorFirst = unavailableMax < members.count || members.count == 1
        var next = 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(max(1, unavailableMax), total) {
                group.addTask { [index = next] in
                    try await self.replace(chosen[index], successorFirst, index, total, drain, tell)
                }
                next += 1
            }
            while try await group.next() != nil, next < total {
                group.addTask { [index = next] in
                    try await self.replace(chosen[index], successorFirst, index, total, drain, tell)
                }
                next += 1
            }
        }
    }

    private func begin() throws(Failure) {
        guard !isBusy else {
            throw Failure(.unavailable, "the supervisor is busy with an earlier scale or restart")
        }
        isBusy = true
    }

    private func choose(_ ids: [String]) throws(Failure) -> [Int] {
        guard !ids.isEmpty else { return inOrder }
        var chosen: [Int] = []
        for id in ids {
            guard let member = inOrder.first(where: { members[$0]?.current.value.id == id }) else {
                throw Failure(.notFound, "there is no instance \(id) under this supervisor")
            }
            chosen.append(member)
        }
        return chosen
    }

    private func replace(
        _ member: Int,
        _ successorFirst: Bool,
        _ index: Int,
        _ total: Int,
        _ drain: DrainPlan,
        _ tell: @escaping @Sendable (SupervisorEvent) -> Void
    ) async throws {
        var step = SupervisorStep(index: index + 1, of: total)
        if successorFirst { step.started = try await startSuccessor(tell) }
        await retire(member, drain, &step, tell)
        if !successorFirst { step.started = try await startSuccessor(tell) }
        tell(.stepped(step))
    }

    private func startSuccessor(_ tell: @Sendable (SupervisorEvent) -> Void) async throws -> String {
        do {
            let id = try await nextID()
            tell(.doing("starting \(id)"))
            let started = try await start(id)
            try await adopt(started)
            return started.id
        } catch {
            let failure = Failure(describing: error)
            let left = members.count == 1 ? "1 instance goes on" : "\(members.count) instances go on"
            throw Failure(failure.kind, "\(failure.message); \(left)", hint: failure.hint)
        }
    }

    /// Drains and stops one member.
    private func retire(
        _ member: Int,
        _ drain: DrainPlan,
        _ step: inout SupervisorStep,
        _ tell: @Sendable (SupervisorEvent) -> Void
    ) async {
        guard let leaving = members[member] else { return }
        let instance = leaving.current.value
        step.stopped = instance.id
        await launcher.drain(instance, drain, &step, tell)
        members[member] = nil
        leaving.keeper.cancel()
        _ = await leaving.keeper.result
    }

    // MARK: Members

    private var inOrder: [Int] { members.keys.sorted() }

    private func adopt(_ instance: InstanceLauncher.Started) async throws {
        guard !hasEnded else {
            // Everything was stopped while this one was being started.
            await launcher.stop(instance.process)
            forget(instance.id)
            throw CancellationError()
        }
        let member = nextMember
        nextMember += 1
        let current = Current(instance)
        // Members come and go on request, so they are no children of one scope; `stopEverything` awaits them all.
        let keeper = Task { try await keep(current) }
        members[member] = Member(current: current, keeper: keeper)
        Task { ended(member, await keeper.result) }
    }

    private func ended(_ member: Int, _ result: Result<Void, any Error>) {
        guard case .failure(let error) = result, members.removeValue(forKey: member) != nil else { return }
        // The others go on; with the last one there is no chat any more.
        guard members.isEmpty else { return }
        gaveUp.continuation.yield(
            Failure(
                .internalError,
                Failure(describing: error).message,
                hint: "their logs are in \(launcher.data.logs)"
            )
        )
    }

    private func stopEverything() async {
        hasEnded = true
        let all = Array(members.values)
        members = [:]
        for member in all { member.keeper.cancel() }
        for member in all { _ = await member.keeper.result }
    }

    private nonisolated func keep(_ current: Current) async throws {
        // An instance has a new id at each start: the old one may still be in the registry and in session ids.
        try await Keeper(
            name: "instances",
            start: {
                let started = try await self.start(try await self.nextID())
                current.value = started
                return started.process
            },
            stop: { process in
                await self.launcher.stop(process)
                self.forget(current.value.id)
            },
            clock: ContinuousClock(),
            report: { event in
                if case .ended(.some, _, _) = event {
                    self.forget(current.value.id)
                    if let words = current.value.log.tail.last { self.progress.say("\(current.value.id): \(words)") }
                }
                self.progress.report(event, name: current.value.id)
            }
        ).keep(current.value.process)
    }

    private func startAll(_ count: Int) async throws -> [InstanceLauncher.Started] {
        var ids: [String] = []
        for _ in 0..<count { ids.append(try await nextID()) }
        return try await withThrowingTaskGroup(of: InstanceLauncher.Started.self) { group in
            for id in ids {
                group.addTask { try await self.progress.step(id) { (try await self.start(id), "") } }
            }
            var started: [InstanceLauncher.Started] = []
            do {
                for try await instance in group { started.append(instance) }
                return started.sorted { NaturalOrder.precedes($0.id, $1.id) }
            } catch {
                group.cancelAll()
                while let result = await group.nextResult() {
                    if let instance = try? result.get() { started.append(instance) }
                }
                for instance in started {
                    await launcher.stop(instance.process)
                    forget(instance.id)
                }
                throw error
            }
        }
    }

    private nonisolated func start(_ id: String) async throws -> InstanceLauncher.Started {
        let started = try await launcher.start(id: id)
        state.update { state in
            state.instances.append(
                .init(id: id, process: ProcessIdentity(pid: started.process.pid), privatePort: started.privatePort)
            )
        }
        return started
    }

    private nonisolated func forget(_ id: String) {
        state.update { $0.instances.removeAll { $0.id == id } }
    }
}

/// The instance that a keeper keeps at this moment.
private final class Current: Sendable {
    private let instance: Mutex<InstanceLauncher.Started>
    init(_ instance: InstanceLauncher.Started) { self.instance = Mutex(instance) }

    var value: InstanceLauncher.Started {
        get { instance.withLock { $0 } }
        set { instance.withLock { $0 = newValue } }
    }
}
