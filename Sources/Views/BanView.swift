package import Domain

/// A ban of an account or a network.
package struct BanView: Encodable, Sendable {
    package var id: String
    package var user: String?
    package var address: String?
    package var until: String?
    package var reason: String
    package var created_by: String?
    package var created_at: String
    package var lifted_at: String?

    package init(_ ban: Ban) {
        id = ban.id.description
        switch ban.subject {
        case .user(let id): user = id.description
        case .address(let range): address = range.description
        }
        until = ban.until.map(WireTime.format)
        reason = ban.reason
        created_by = ban.createdBy?.description
        created_at = WireTime.format(ban.createdAt)
        lifted_at = ban.liftedAt.map(WireTime.format)
    }
}
