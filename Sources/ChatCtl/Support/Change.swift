import Domain

/// What the commands that change something share: the change, the news of it, and what they print.
enum Change {
    /// Makes a change, tells the live instances of it, prints what came of it with `--json`, and gives it back.
    static func make<Outcome: Sendable>(
        _ global: GlobalOptions,
        _ change: @Sendable (Chat) async throws -> Outcome,
        news: (Outcome) -> [News],
        json: (Outcome) -> String
    ) async throws -> Outcome {
        let servers = try await Servers.locate(global)
        let outcome = try await servers.withChat(change)
        await News.send(news(outcome), on: servers)
        if global.json { global.console.data(json(outcome)) }
        return outcome
    }
}
