import Synchronization

/// The instances of this machine: all started at the same time, each kept alive by itself.
struct InstanceGroup: Sendable {
    let count: Int
    let launcher: InstanceLauncher
    let nextID: @Sendable () async throws -> String
    let state: StateFile
    let progress: Progress

    /// Starts all, calls `onReady`, and keeps them alive until its task is cancelled. All have ended when it returns or
    /// throws.
    ///
    /// - Throws: when one cannot be started at the beginning, or when the last one is given up.
    func run(onReady: @escaping @Sendable () async -> Void) async throws {
        let started = try await startAll()
        do {
            try Task.checkCancellation()
        } catch {
            await stopAll(started)
            throw error
        }
        await onReady()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let left = Countdown(started.count)
            for instance in started {
                group.addTask {
                    do {
                        try await keep(instance)
                    } catch {
                        // The others go on; with the last one there is no chat any more.
                        guard left.isLast() else { return }
                        throw Failure(
                            .internalError,
                            Failure(describing: error).message,
                            hint: "their logs are in \(launcher.data.logs)"
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func startAll() async throws -> [InstanceLauncher.Started] {
        var ids: [String] = []
        for _ in 0..<count { ids.append(try await nextID()) }
        return try await withThrowingTaskGroup(of: InstanceLauncher.Started.self) { group in
            for id in ids {
                group.addTask { try await progress.step(id) { (try await start(id), "") } }
            }
            var started: [InstanceLauncher.Started] = []
            do {
                for try await instance in group { started.append(instance) }
                return started
            } catch {
                group.cancelAll()
                while let result = await group.nextResult() {
                    if let instance = try? result.get() { started.append(instance) }
                }
                await stopAll(started)
                throw error
            }
        }
    }

    private func start(_ id: String) async throws -> InstanceLauncher.Started {
        let started = try await launcher.start(id: id)
        state.update { state in
            state.instances.append(
                .init(id: id, process: ProcessIdentity(pid: started.process.pid), privatePort: started.privatePort)
            )
        }
        return started
    }

    private func keep(_ instance: InstanceLauncher.Started) async throws {
        // An instance has a new id at each start: the old one may still be in the registry and in session ids.
        let current = Current(instance)
        try await Keeper(
            name: "instances",
            start: {
                let started = try await start(try await nextID())
                current.value = started
                return started.process
            },
            stop: { process in
                await launcher.stop(process)
                forget(current.value.id)
            },
            clock: ContinuousClock(),
            report: { event in
                if case .ended(.some, _, _) = event {
                    forget(current.value.id)
                    if let words = current.value.log.tail.last { progress.say("\(current.value.id): \(words)") }
                }
                progress.report(event, name: current.value.id)
            }
        ).keep(instance.process)
    }

    private func forget(_ id: String) {
        state.update { $0.instances.removeAll { $0.id == id } }
    }

    private func stopAll(_ instances: [InstanceLauncher.Started]) async {
        await withTaskGroup(of: Void.self) { group in
            for instance in instances { group.addTask { await launcher.stop(instance.process) } }
        }
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

private final class Countdown: Sendable {
    private let left: Mutex<Int>
    init(_ count: Int) { left = Mutex(count) }

    /// Counts one down; true for the last one.
    func isLast() -> Bool {
        left.withLock { left in
            left -= 1
            return left == 0
        }
    }
}
