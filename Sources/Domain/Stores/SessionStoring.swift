#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where sessions are kept, found by the hash of their secret. A token is a session too.
package protocol SessionStoring: Sendable {
    /// Stores a session.
    func insert(_ session: Session, tokenHash: [UInt8], entry: AuditEntry) async throws
    /// The session with this secret and its user, live or not, and what keeps this user or address out at `date`.
    func find(tokenHash: [UInt8], address: String?, at date: Date) async throws -> FoundSession?
    /// Writes down that sessions were used, where that was not done for `Session.touchIntervalSeconds`.
    func touch(_ ids: [SessionID], at date: Date) async throws
    /// The logins or the tokens of a user that still count, the newest first.
    func list(_ kind: SessionListKind, of user: UserID, at date: Date) async throws -> [Session]

    /// Ends one; false when this user has none of this kind that still counts.
    func revoke(_ id: SessionID, _ kind: SessionListKind, of user: UserID, entry: AuditEntry) async throws -> Bool
    /// Ends all logins of a user but one, and gives their ids.
    func revokeLogins(of user: UserID, except kept: SessionID?, entry: AuditEntry) async throws -> [SessionID]

    /// Of these, the ones that would not be let in at `date` as what they are, in one query.
    func ended(of live: [LiveSession], at date: Date) async throws -> [LiveSession: SessionEnd]
}

/// Which sessions are meant.
package enum SessionListKind: String, Hashable, Sendable {
    case login, token
}
