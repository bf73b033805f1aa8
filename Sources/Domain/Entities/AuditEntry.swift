#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// One line of the audit log: who did what to whom, when, and from where. Stored with the act or not at all, and never
/// changed afterwards.
package struct AuditEntry: Hashable, Sendable, Identifiable {
    package let id: AuditEntryID
    package let at: Date
    package let actor: Author
    package let action: Action
    package let subject: Subject
    /// What else is worth knowing, such as the old and the new value. Never a secret.
    package let detail: [String: String]
    /// Where the request came from.
    package let address: String?

    /// Who acted, with the name of that day.
    package enum Author: Hashable, Sendable {
        case person(UserID, name: String)
        case system(name: String)

        package var name: String {
            switch self {
            case .person(_, let name), .system(let name): name
            }
        }

        package var user: UserID? {
            switch self {
            case .person(let id, _): id
            case .system: nil
            }
        }
    }

    /// What was done, as `noun.verb`. Each concern names its own beside its use cases.
    package struct Action: RawRepresentable, Hashable, Sendable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }
        package init(_ name: StaticString) { rawValue = name.description }
    }

    /// To whom or to what, with the name of that day where it has one.
    package struct Subject: Hashable, Sendable {
        package let kind: Kind
        package let id: String?
        package let name: String?

        package enum Kind: String, Hashable, Sendable {
            case user, session, token, invite, ban, room, message, webhook, system
        }

        package init(kind: Kind, id: String?, name: String?) {
            self.kind = kind
            self.id = id
            self.name = name
        }

        package static func user(_ id: UserID, name: String? = nil) -> Subject {
            Subject(kind: .user, id: id.description, name: name)
        }

        package static func room(_ id: RoomID, name: String? = nil) -> Subject {
            Subject(kind: .room, id: id.description, name: name)
        }

        package static func message(_ id: MessageID) -> Subject {
            Subject(kind: .message, id: id.description, name: nil)
        }
    }

    package init(
        id: AuditEntryID,
        at: Date,
        actor: Author,
        action: Action,
        subject: Subject,
        detail: [String: String],
        address: String?
    ) {
        self.id = id
        self.at = at
        self.actor = actor
        self.action = action
        self.subject = subject
        self.detail = detail
        self.address = address
    }

    /// An entry about something that happens now, in the name of `actor`.
    package init(
        _ action: Action,
        of subject: Subject,
        by actor: Actor,
        at date: Date,
        detail: [String: String] = [:]
    ) {
        self.init(
            id: .new(at: date),
            at: date,
            actor: Author(actor),
            action: action,
            subject: subject,
            detail: detail,
            address: actor.address
        )
    }

    /// The same with the subject's name, where that is known only inside the transaction.
    package func naming(_ name: String?) -> AuditEntry {
        AuditEntry(
            id: id,
            at: at,
            actor: actor,
            action: action,
            subject: Subject(kind: subject.kind, id: subject.id, name: name),
            detail: detail,
            address: address
        )
    }
}

extension AuditEntry.Author {
    package init(_ actor: Actor) {
        switch actor {
        case .person(let identity): self = .person(identity.user.id, name: identity.user.name)
        case .system(let name): self = .system(name: name)
        }
    }
}

package typealias AuditEntryID = Identifier<AuditEntry>
