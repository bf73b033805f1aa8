import NIOCore

extension EngineServer {
    /// How many bytes wait in the queues of all sessions.
    public func queuedBytes() async -> Int {
        let sessions = openSessions
        guard !sessions.isEmpty else { return 0 }
        let counts = mailboxes.loops.map { $0.makePromise(of: Int.self) }
        mailboxes.inOrder { order in
            // Each session is counted where it lives at this place in the order.
            let byHome = Dictionary(grouping: sessions, by: \.home)
            for (index, promise) in counts.enumerated() {
                let own = byHome[index] ?? []
                order.post(to: index) { context in
                    promise.succeed(own.reduce(0) { $0 + ($1.context.index == context.index ? $1.outboxBytes : 0) })
                }
            }
        }
        var sum = 0
        for count in counts { sum += (try? await count.futureResult.get()) ?? 0 }
        return sum
    }
}
