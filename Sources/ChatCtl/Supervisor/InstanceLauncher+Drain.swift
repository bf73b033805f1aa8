import Fleet

extension InstanceLauncher {
    /// How often a draining instance is asked how many sockets are left.
    private static let drainPollInterval = Duration.milliseconds(100)
    /// How long a busy instance may take to hear that it is to drain.
    private static let drainPatience = Duration.seconds(10)

    /// Has an instance send its clients away and waits until they have left, or until the plan's time is over. An instance
    /// that does not answer has nobody to wait for; one that is busy is asked again.
    func drain(
        _ instance: Started,
        _ plan: DrainPlan,
        _ step: inout SupervisorStep,
        _ tell: @Sendable (SupervisorEvent) -> Void
    ) async {
        guard let secret else { return }
        let door = InstanceDoor(host: privateHost, port: instance.privatePort, secret: secret)
        let startedAt = ContinuousClock.now
        let spread = min(plan.spreadMilliseconds, plan.timeoutMilliseconds)
        var answer = await door.ask(.drain(spreadMilliseconds: spread))
        while answer == nil, instance.process.status == nil, ContinuousClock.now - startedAt < Self.drainPatience {
            try? await Task.sleep(for: Self.drainPollInterval)
            answer = await door.ask(.drain(spreadMilliseconds: spread))
        }
        guard let told = answer?.count else { return }
        var left = told
        step.sockets = told
        let deadline = startedAt + plan.timeout
        while left > 0, ContinuousClock.now < deadline {
            tell(.doing("\(instance.id) draining … \(told) → \(left) sockets"))
            try? await Task.sleep(for: Self.drainPollInterval)
            guard instance.process.status == nil else { break }
            left = await door.ask(.ping)?.record?.sockets ?? left
        }
        step.left = left
        step.drainMilliseconds = Int((ContinuousClock.now - startedAt) / .milliseconds(1))
    }
}
