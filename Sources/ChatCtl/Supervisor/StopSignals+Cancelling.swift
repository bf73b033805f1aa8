extension StopSignals {
    /// Runs what has to tidy up behind itself: the first signal cancels it, and it ends in its own way.
    ///
    /// - Throws: `Failure.interrupted` when there was a signal, else what `body` throws.
    static func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        let signals = StopSignals()
        let work = Task { try await body() }
        let watch = Task {
            guard await signals.first() != nil else { return false }
            work.cancel()
            return true
        }
        let result = await withTaskCancellationHandler {
            await work.result
        } onCancel: {
            work.cancel()
        }
        watch.cancel()
        guard await !watch.value else { throw Failure.interrupted }
        return try result.get()
    }
}
