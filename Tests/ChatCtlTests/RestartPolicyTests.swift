import Testing

@testable import ChatCtl

@Suite struct RestartPolicyTests {
    @Test("the delay doubles up to its limit, then it gives up")
    func backsOff() {
        var policy = RestartPolicy(firstDelay: .seconds(1), longestDelay: .seconds(3), failuresMax: 5)
        let decisions = (0..<5).map { _ in policy.ended(after: .milliseconds(10)) }
        #expect(
            decisions == [
                .restart(after: .seconds(1)), .restart(after: .seconds(2)), .restart(after: .seconds(3)),
                .restart(after: .seconds(3)), .giveUp(failures: 5),
            ]
        )
    }

    @Test("who ran long enough starts from zero")
    func recovers() {
        var policy = RestartPolicy(firstDelay: .seconds(1), failuresMax: 3, stableAfter: .seconds(60))
        for _ in 0..<10 {
            #expect(policy.ended(after: .seconds(60)) == .restart(after: .seconds(1)))
        }
        #expect(policy.ended(after: .zero) == .restart(after: .seconds(2)))
        #expect(policy.ended(after: .zero) == .giveUp(failures: 3))
    }
}
