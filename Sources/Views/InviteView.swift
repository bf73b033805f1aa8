package import Domain

/// An invite link, without its code.
package struct InviteView: Encodable, Sendable {
    package var id: String
    package var uses: Int64
    package var uses_max: Int64?
    package var expires_at: String?
    package var created_by: String?
    package var created_at: String
    package var revoked_at: String?
    package var rooms: [String]

    package init(_ invite: Invite) {
        id = invite.id.description
        uses = invite.uses
        uses_max = invite.usesMax
        expires_at = invite.expiresAt.map(WireTime.format)
        created_by = invite.createdBy?.description
        created_at = WireTime.format(invite.createdAt)
        revoked_at = invite.revokedAt.map(WireTime.format)
        rooms = invite.rooms.map(\.description)
    }
}
