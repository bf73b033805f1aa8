/// Whom an operation is for.
package enum Rule: Hashable, Sendable {
    /// Everybody who is signed in.
    case everybody
    /// The person, for their own account; with a login and never with a token.
    case oneself
    case moderators
    case admins
    /// Everybody, as the room is public.
    case publicRoom
    /// The members of the room. For anybody else the room does not exist.
    case members
    /// Those who look after the room: its owners and moderators, and the chat's where they see it.
    case roomModerators
    /// Those who decide about the room: its owners, and the chat's admins where they see it.
    case roomOwners
}

extension Operation {
    /// The table of what is allowed to whom. There is no other: an operation without a row does not compile.
    package var rule: Rule {
        switch self {
        case .listUsers, .showUser, .updateOwnProfile: .everybody
        case .addUser, .updateUser, .deleteUser, .resetPassword: .admins

        case .changePassword, .listOwnSessions, .revokeOwnSession, .revokeOtherSessions: .oneself
        case .listOwnTokens, .issueOwnToken, .revokeOwnToken: .oneself

        case .listSessions, .revokeSessions: .admins
        case .listTokens, .issueToken, .revokeToken: .admins
        case .listInvites, .createInvite, .revokeInvite: .moderators
        case .listBans, .ban, .liftBan: .moderators
        case .readAudit: .admins
        case .listWebhooks, .createWebhook, .testWebhook, .deleteWebhook: .admins

        case .createRoom, .listRooms, .openDirect: .everybody
        case .joinRoom, .leaveRoom: .publicRoom
        case .showRoom, .listMembers: .members

        case .updateRoom, .kickMember, .muteMember: .roomModerators
        case .archiveRoom, .restoreRoom, .setMemberRole: .roomOwners
        case .inviteToRoom, .setNotifyLevel: .members

        case .sendMessage, .listMessages, .syncRoom, .markRead, .markUnread: .members
        // One's own message; another's is for those who look after the room.
        case .showMessage, .listVersions, .editMessage, .deleteMessage, .react: .members
        case .uploadAttachment, .showAttachment: .members
        case .syncSession, .searchMessages, .watchPresence: .everybody
        }
    }

    /// Refuses whom the operation is not for by their role or by the scopes of their session. What depends on a
    /// membership is decided where the room is found.
    ///
    /// Throws `forbidden`.
    package func authorize(_ actor: Actor) throws {
        guard case .person(let identity) = actor else { return }
        let isAllowed =
            switch rule {
            case .everybody, .publicRoom, .members, .roomModerators, .roomOwners: identity.scopes.contains(.chat)
            case .oneself: identity.scopes.contains(.account)
            case .moderators:
                identity.scopes.contains(.admin) && [.moderator, .admin].contains(identity.user.role)
            case .admins: identity.scopes.contains(.admin) && identity.user.role == .admin
            }
        guard isAllowed else { throw ChatError.forbidden }
    }

    /// The same for a signed-in person.
    package func authorize(_ identity: Identity) throws { try authorize(.person(identity)) }
}

/// Who may ask, as far as rules tell people apart.
package enum Principal: String, Hashable, Sendable, CaseIterable {
    /// Signed in, a member of no room but public default rooms.
    case stranger
    /// A member of the room in question.
    case member
    /// A member of another room.
    case otherRoomMember
    /// Moderators and admins of the whole chat, who are members of the room.
    case moderator, admin
    /// A program with a token for everything that tokens are given, a member of the room.
    case bot
    /// Holds the session of an account that was disabled.
    case disabled

    /// Whether the room in question does not exist for them.
    var isOutside: Bool { self == .stranger || self == .otherRoomMember }
}

/// What comes of asking.
package enum Ruling: String, Hashable, Sendable {
    case allowed, forbidden, notFound, unauthenticated
}

extension Rule {
    /// What the rule means for one kind of caller.
    package func ruling(for principal: Principal) -> Ruling {
        if principal == .disabled { return .unauthenticated }
        return switch self {
        case .everybody, .publicRoom: .allowed
        case .oneself: principal == .bot ? .forbidden : .allowed
        case .moderators: principal == .moderator || principal == .admin ? .allowed : .forbidden
        case .admins: principal == .admin ? .allowed : .forbidden
        case .members: principal.isOutside ? .notFound : .allowed
        case .roomModerators:
            if principal.isOutside {
                .notFound
            } else {
                principal == .moderator || principal == .admin ? .allowed : .forbidden
            }
        case .roomOwners:
            if principal.isOutside { .notFound } else { principal == .admin ? .allowed : .forbidden }
        }
    }
}
