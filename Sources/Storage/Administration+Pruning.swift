package import Domain

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Removing what nobody misses. Messages are kept, and so is the audit log, which the database itself lets nobody change.
extension Administration {
    /// How many rows of each kind are old, or were removed.
    package struct Pruned: Sendable, Equatable {
        /// Logins that ended.
        package var logins: Int64 = 0
        /// Tokens that were revoked or ran out.
        package var tokens: Int64 = 0
        /// Invites that were revoked or ran out.
        package var invites: Int64 = 0
        /// Bans that were lifted or ran out.
        package var bans: Int64 = 0
        /// Browsers that were not used.
        package var devices: Int64 = 0

        package var total: Int64 { logins + tokens + invites + bans + devices }
    }

    /// What `prune` would remove.
    package func prunable(before date: Date) async throws -> Pruned {
        try await database.read(
            """
            SELECT (SELECT count(*) FROM \(.logins, endedBefore: date)),
                   (SELECT count(*) FROM \(.tokens, endedBefore: date)),
                   (SELECT count(*) FROM \(.invites, endedBefore: date)),
                   (SELECT count(*) FROM \(.bans, endedBefore: date)),
                   (SELECT count(*) FROM \(.devices, endedBefore: date))
            """
        ) { row in
            try Pruned(
                logins: row.read(),
                tokens: row.read(),
                invites: row.read(),
                bans: row.read(),
                devices: row.read()
            )
        }[0]
    }

    /// Removes what ended before `date`, and forgets browsers that were not used since. Returns what went.
    package func prune(before date: Date, by actor: Actor, at now: Date) async throws -> Pruned {
        try await database.write { transaction in
            let removed = try transaction.run(
                "DELETE FROM \(.logins, endedBefore: date)",
                "DELETE FROM \(.tokens, endedBefore: date)",
                "DELETE FROM \(.invites, endedBefore: date)",
                "DELETE FROM \(.bans, endedBefore: date)",
                "DELETE FROM \(.devices, endedBefore: date)"
            ).map { Int64($0.affected) }
            let pruned = Pruned(
                logins: removed[0],
                tokens: removed[1],
                invites: removed[2],
                bans: removed[3],
                devices: removed[4]
            )
            guard pruned.total > 0 else { return pruned }
            try AuditEntry(
                .prune,
                of: AuditEntry.Subject(kind: .system, id: nil, name: nil),
                by: actor,
                at: now,
                detail: [
                    "logins": "\(pruned.logins)", "tokens": "\(pruned.tokens)", "invites": "\(pruned.invites)",
                    "bans": "\(pruned.bans)", "devices": "\(pruned.devices)",
                ]
            ).append(in: transaction)
            return pruned
        }
    }
}

private enum Prunable {
    case logins, tokens, invites, bans, devices
}

extension SQL.Interpolation {
    /// What comes after `FROM` for the rows of a kind that ended before `date`.
    fileprivate mutating func appendInterpolation(_ kind: Prunable, endedBefore date: Date) {
        switch kind {
        case .logins:
            // A login ends by itself when it is not used.
            append("sessions WHERE kind = 'login' AND", "last_used_at", before: date - Session.idleSecondsMax)
            append(" OR kind = 'login' AND", "revoked_at", before: date)
            append(" OR kind = 'login' AND", "expires_at", before: date)
        case .tokens:
            append("sessions WHERE kind = 'token' AND", "revoked_at", before: date)
            append(" OR kind = 'token' AND", "expires_at", before: date)
        case .invites:
            append("invites WHERE", "revoked_at", before: date)
            append(" OR", "expires_at", before: date)
        case .bans:
            append("bans WHERE", "lifted_at", before: date)
            append(" OR", "until", before: date)
        case .devices:
            append("devices WHERE", "last_used_at", before: date)
        }
    }

    private mutating func append(_ start: String, _ column: String, before date: Date) {
        appendLiteral("\(start) \(column) < ")
        appendInterpolation(date)
    }
}
