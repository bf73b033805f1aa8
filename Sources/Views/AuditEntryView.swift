package import Domain

/// One line of the audit log.
package struct AuditEntryView: Encodable, Sendable {
    package var id: String
    package var at: String
    package var actor: Actor
    package var action: String
    package var subject: Subject
    package var detail: [String: String]
    package var address: String?

    package struct Actor: Encodable, Sendable {
        package var kind: String
        package var user: String?
        package var name: String
    }

    package struct Subject: Encodable, Sendable {
        package var kind: String
        package var id: String?
        package var name: String?
    }

    package init(_ entry: AuditEntry) {
        id = entry.id.description
        at = WireTime.format(entry.at)
        actor = Actor(
            kind: entry.actor.user == nil ? "system" : "person",
            user: entry.actor.user?.description,
            name: entry.actor.name
        )
        action = entry.action.rawValue
        subject = Subject(kind: entry.subject.kind.rawValue, id: entry.subject.id, name: entry.subject.name)
        detail = entry.detail
        address = entry.address
    }
}
