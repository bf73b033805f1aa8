/// Where the audit log is read. Entries are written by the stores whose acts they tell of.
package protocol AuditStoring: Sendable {
    /// Entries older than `cursor`, the newest first.
    func page(_ filter: AuditFilter, before cursor: AuditEntryID?, limit: Int) async throws -> [AuditEntry]
}

/// Which entries are wanted; what is nil does not matter.
package struct AuditFilter: Hashable, Sendable {
    /// The name of who acted.
    package var actor: String?
    package var action: AuditEntry.Action?

    package init(actor: String? = nil, action: AuditEntry.Action? = nil) {
        self.actor = actor
        self.action = action
    }
}
