package import Domain

/// A person in a room.
package struct MemberView: Encodable, Sendable {
    package var user: UserView
    package var role: String
    package var joined_at: String
    package var muted_until: String?

    package init(_ member: Member) {
        user = UserView(member.user)
        role = member.role.rawValue
        joined_at = WireTime.format(member.joinedAt)
        muted_until = member.mutedUntil.map(WireTime.format)
    }
}
