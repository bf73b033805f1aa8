/// Keeps one process alive: starts it, starts it again with a growing delay when it ends by itself, gives up when it ends
/// again and again, and stops it when its task is cancelled.
struct Keeper<Time: Clock>: Sendable where Time.Duration == Duration {
    enum Event: Sendable {
        /// It ended and comes again after a delay.
        case ended(ChildProcess?, reason: String, restartAfter: Duration)
        case restarted(ChildProcess)
        case gaveUp(failures: Int, reason: String)
    }

    /// What a person calls it, for messages.
    let name: String
    /// Starts the process and waits until it is ready. Ends what it has started when it throws.
    let start: @Sendable () async throws -> ChildProcess
    /// Stops the process and waits for its end.
    let stop: @Sendable (ChildProcess) async -> Void
    var policy = RestartPolicy()
    let clock: Time
    let report: @Sendable (Event) -> Void

    /// Runs until its task is cancelled, and has stopped the process when it returns.
    ///
    /// - Throws: the reason for giving up, a `Failure`.
    func keep(_ first: ChildProcess) async throws {
        var policy = policy
        var child = first
        var startedAt = clock.now
        while true {
            guard let status = await child.exit() else {
                await stop(child)
                return
            }
            var reason = "it \(status)"
            var ended: ChildProcess? = child
            restarting: while true {
                switch policy.ended(after: startedAt.duration(to: clock.now)) {
                case .giveUp(let failures):
                    report(.gaveUp(failures: failures, reason: reason))
                    throw Failure(
                        .unavailable,
                        "\(name): gave up after \(failures) failures in a row; the last: \(reason)"
                    )
                case .restart(let delay):
                    report(.ended(ended, reason: reason, restartAfter: delay))
                    do { try await clock.sleep(for: delay) } catch { return }
                }
                startedAt = clock.now
                do {
                    child = try await start()
                    break restarting
                } catch {
                    if Task.isCancelled { return }
                    reason = Failure(describing: error).message
                    ended = nil
                }
            }
            report(.restarted(child))
        }
    }
}

extension Keeper {
    /// Runs `body` while the process is kept alive, and stops the process when `body` is done. When keeping fails, `body`
    /// is cancelled first: whoever nests these scopes stops in the reverse order of starting.
    func keeping<Result: Sendable>(
        _ first: ChildProcess,
        while body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            // The process must outlive the body also when this task is cancelled, so its keeper is not a child task.
            let keeper = Task { try await keep(first) }
            let work = Task { try await body() }
            return try await withTaskCancellationHandler {
                group.addTask {
                    do { try await keeper.value } catch {
                        work.cancel()
                        throw error
                    }
                }
                let result = await work.result
                keeper.cancel()
                try await group.waitForAll()
                return try result.get()
            } onCancel: {
                work.cancel()
            }
        }
    }
}
