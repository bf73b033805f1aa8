#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where bans are kept.
package protocol BanStoring: Sendable {
    /// Stores a ban.
    func insert(_ ban: Ban, entry: AuditEntry) async throws
    /// Those that hold at `date`, the newest first.
    func list(at date: Date) async throws -> [Ban]
    /// A ban that holds for this address at `date`.
    func find(address: String, at date: Date) async throws -> Ban?
    /// A ban that holds for this user at `date`.
    func find(user: UserID, at date: Date) async throws -> Ban?
    /// Ends a ban; nil when there is none that holds.
    func lift(_ id: BanID, by actor: Actor, at date: Date) async throws -> Ban?
}
