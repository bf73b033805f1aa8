extension Chat {
    /// Entries in one answer, at most.
    package static let auditLimitMax = 200

    /// The audit log, the newest first, from `cursor` back. For admins and the owner of the machine.
    package func audit(
        _ filter: AuditFilter = AuditFilter(),
        before cursor: AuditEntryID? = nil,
        limit: Int = 50,
        by actor: Actor
    ) async throws -> [AuditEntry] {
        try Operation.readAudit.authorize(actor)
        return try await auditLog.page(filter, before: cursor, limit: min(max(limit, 1), Self.auditLimitMax))
    }
}
