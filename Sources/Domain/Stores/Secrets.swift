/// Turns passwords into strings that may be stored. Slow on purpose.
package protocol PasswordHashing: Sendable {
    /// A PHC string with a new salt. Throws `unavailable` when too many wait.
    func hash(_ password: String) async throws -> String
    /// Whether the password belongs to the string. False for a string that is not understood.
    func verify(_ password: String, against hash: String) async throws -> Bool
}

/// Makes the secrets of sessions and their hashes.
package protocol TokenIssuing: Sendable {
    /// A secret that nobody can guess, and the hash under which it is stored.
    func newToken() -> (secret: String, hash: [UInt8])
    /// The hash of a secret that came back.
    func hash(of secret: String) -> [UInt8]
}
