import Domain

/// argon2id with the parameters that OWASP asks for at least: 19 MiB, 2 passes, 1 lane.
///
/// One hash takes some 30 ms of a core and 19 MiB, so hashing has two threads of its own and a bounded queue: a flood of
/// logins can neither fill the memory nor stop anything else. Over the queue calls fail with `ChatError.unavailable`.
package struct PasswordHasher: PasswordHashing {
    private let threads: WorkThreads

    /// A hasher with threads of its own; they end with the last copy.
    package init() {
        threads = WorkThreads(name: "argon2", count: 2, queuedMax: 32)
    }

    package func hash(_ password: String) async throws -> String {
        try await threads.run { try Argon2.hash(password) }
    }

    package func verify(_ password: String, against hash: String) async throws -> Bool {
        try await threads.run { try Argon2.check(password, against: hash) == .match }
    }
}
