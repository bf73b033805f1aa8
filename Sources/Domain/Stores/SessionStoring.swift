#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where sessions are kept, found by the hash of their secret.
package protocol SessionStoring: Sendable {
    /// Stores a session.
    func insert(_ session: Session, tokenHash: [UInt8]) async throws
    /// The session with this secret and its user, live or not.
    func find(tokenHash: [UInt8]) async throws -> (session: Session, user: User)?
    /// Writes down that the session was used.
    func touch(_ id: SessionID, at date: Date) async throws
    /// Ends a session of this user; nothing happens when it has ended.
    func revoke(_ id: SessionID, of user: UserID, at date: Date) async throws
}
