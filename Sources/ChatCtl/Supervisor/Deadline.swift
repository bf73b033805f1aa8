/// Runs `body`, and fails when it takes longer than `patience`.
func withDeadline<Result: Sendable>(
    _ patience: Duration,
    _ failure: Failure,
    body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: patience)
            throw failure
        }
        defer { group.cancelAll() }
        // The group has two tasks, so there is a first one to end.
        guard let first = try await group.next() else { throw failure }
        return first
    }
}
