#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where accounts are kept. Every method throws `ChatError.unavailable` when the store cannot be reached.
package protocol UserStoring: Sendable {
    /// Stores an account and makes it a member of the default rooms. A setup token dies with the first account.
    ///
    /// Throws `conflict`, field `name`, when the name is taken.
    func insert(_ user: NewUser) async throws -> User
    /// Every account by name.
    func list() async throws -> [User]
    /// The account with this name.
    func account(named name: UserName) async throws -> Account?
    /// Whether any account exists.
    func isEmpty() async throws -> Bool

    /// Keeps the hash of the only valid setup token; false, and nothing is kept, when an account exists.
    func replaceSetupToken(hash: [UInt8], at date: Date) async throws -> Bool
    /// Spends the setup token and stores the first account, both or neither; nil when the token is not the valid one.
    func insertFirst(_ user: NewUser, setupTokenHash: [UInt8]) async throws -> User?
}
