/// What the supervisor needs of the database and of Redis before it starts instances.
protocol FleetPreparing: Sendable {
    /// Applies migrations and makes what every chat has. Fails with `Failure` (unavailable) when the database cannot be
    /// reached.
    func prepareDatabase(url: String) async throws -> PreparedDatabase

    /// Runs `body` with a source of instance ids that are unique in the fleet.
    func withInstanceNumbers(
        redisURL: String,
        body: @escaping @Sendable (_ nextID: @escaping @Sendable () async throws -> String) async throws -> Void
    ) async throws
}

struct PreparedDatabase: Sendable {
    /// For the first admin; nil when there are users.
    var setupToken: String?
    /// What was done, for the progress: "3 migrations".
    var summary: String
}
