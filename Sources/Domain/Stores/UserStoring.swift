#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where accounts are kept. Every method throws `ChatError.unavailable` when the store cannot be reached.
package protocol UserStoring: Sendable {
    /// Stores accounts, all or none, and makes them members of the default rooms and of their own. A setup token dies
    /// with the first account.
    ///
    /// Throws `conflict`, field `name`, when a name is taken; `notFound`, `archived` for a room.
    func insert(_ accounts: [NewAccount], by actor: Actor) async throws -> [AddedAccount]
    /// Every account by name, without the deleted ones.
    func list() async throws -> [User]
    /// The account with this id, deleted or not.
    func find(_ id: UserID) async throws -> User?
    /// The account with this name, and whether `device` is the hash of a browser's secret that it knows.
    func account(named name: UserName, device: [UInt8]?) async throws -> Account?
    /// The account with this id, unless it was deleted.
    func account(_ id: UserID) async throws -> Account?
    /// Whether any account exists.
    func isEmpty() async throws -> Bool

    /// Changes an account. A role of `bot` ends its password, and disabling it ends its logins and its invites.
    ///
    /// Throws `notFound`, and `conflict`: field `name` when the name is taken, field `role` when a person would leave
    /// the chat without an admin.
    func update(_ id: UserID, _ change: UserChange, by actor: Actor, at date: Date) async throws -> UserUpdate
    /// Sets a password and ends every login but `keeping`, which gets a new secret; gives the ended ones. With the
    /// logins the browsers that were known are forgotten. Throws `notFound`.
    func setPassword(
        hash: String,
        of id: UserID,
        keeping session: (id: SessionID, tokenHash: [UInt8])?,
        entry: AuditEntry
    ) async throws -> [SessionID]
    /// Empties an account and takes it out of its rooms. Its messages and its direct rooms stay, its name is free.
    /// Throws as `update`.
    func delete(_ id: UserID, by actor: Actor, at date: Date) async throws -> UserDeletion

    /// Keeps the hash of a browser's secret for the next login; the oldest of many is forgotten.
    func remember(device: [UInt8], of user: UserID, at date: Date) async throws

    /// Keeps the hash of the only valid setup token; false, and nothing is kept, when an account exists.
    func replaceSetupToken(hash: [UInt8], at date: Date) async throws -> Bool
    /// Spends the setup token and stores the first account, both or neither; nil when the token is not the valid one.
    func insertFirst(_ user: NewUser, setupTokenHash: [UInt8], entry: AuditEntry) async throws -> User?
}
