import Domain
import Foundation

extension AuditEntry {
    /// Adds the entry in the transaction of the act that it tells of.
    func append(in transaction: Transaction) throws {
        let kind = actor.user == nil ? "system" : "person"
        _ = try transaction.run(
            """
            INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, subject_name,
                               detail, address)
            VALUES (\(id), \(at), \(kind), \(actor.user), \(actor.name), \(action.rawValue), \(subject.kind.rawValue),
                    \(subject.id), \(subject.name), \(String(decoding: JSONEncoder().encode(detail), as: UTF8.self))::jsonb,
                    \(address))
            """
        )
    }
}
