/// Where invites are kept, found by the hash of their code.
package protocol InviteStoring: Sendable {
    /// Stores an invite. Throws `notFound` when one of its rooms is not there for the person who makes it.
    func insert(_ invite: Invite, codeHash: [UInt8], by actor: Actor, entry: AuditEntry) async throws
    /// Those that were not revoked, the newest first.
    func list() async throws -> [Invite]
    /// The invite with this code, usable or not.
    func find(codeHash: [UInt8]) async throws -> Invite?
    /// Ends an invite; false when there is none that was not revoked.
    func revoke(_ id: InviteID, entry: AuditEntry) async throws -> Bool

    /// Counts one use of the invite, if a code is given, and stores the account, both or neither; the account joins
    /// the default rooms and those of the invite. Nil when the invite cannot be used at the time of
    /// the entry.
    ///
    /// Throws `conflict`, field `name`.
    func signUp(_ user: NewUser, codeHash: [UInt8]?, entry: AuditEntry) async throws -> User?
}
