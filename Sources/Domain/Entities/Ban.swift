#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Keeps a user, or everybody at an address, out of the chat.
package struct Ban: Hashable, Sendable, Identifiable {
    package let id: BanID
    package let subject: Subject
    /// When it ends by itself; nil for one that has to be lifted.
    package let until: Date?
    package let reason: String
    /// Nil when the owner of the machine made it.
    package let createdBy: UserID?
    package let createdAt: Date
    package let liftedAt: Date?

    package enum Subject: Hashable, Sendable {
        case user(UserID)
        case address(AddressRange)
    }

    package init(
        id: BanID,
        subject: Subject,
        until: Date?,
        reason: String,
        createdBy: UserID?,
        createdAt: Date,
        liftedAt: Date?
    ) {
        self.id = id
        self.subject = subject
        self.until = until
        self.reason = reason
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.liftedAt = liftedAt
    }
}

extension Ban {
    /// What the person reads who is kept out.
    package var message: String {
        let end = until.map { " until \($0.formatted(.iso8601))" } ?? ""
        let why = reason.isEmpty ? "." : ": \(reason)"
        return switch subject {
        case .user: "You are banned\(end)\(why)"
        case .address: "Your address is banned\(end)\(why)"
        }
    }
}

package typealias BanID = Identifier<Ban>
