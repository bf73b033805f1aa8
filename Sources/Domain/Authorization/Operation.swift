/// Everything that the chat does in somebody's name. A use case names its operation before it does anything else, and
/// the table beside this (`Operation.rule`) says whom it is for.
package enum Operation: String, Hashable, Sendable, CaseIterable {
    // People
    case listUsers, showUser, updateOwnProfile
    case addUser, updateUser, deleteUser, resetPassword

    // One's own account
    case changePassword, listOwnSessions, revokeOwnSession, revokeOtherSessions
    case listOwnTokens, issueOwnToken, revokeOwnToken

    // Other people's access
    case listSessions, revokeSessions
    case listTokens, issueToken, revokeToken
    case listInvites, createInvite, revokeInvite
    case listBans, ban, liftBan
    case readAudit
    case listWebhooks, createWebhook, testWebhook, deleteWebhook

    // Rooms
    case createRoom, listRooms, showRoom, listMembers, joinRoom, leaveRoom, openDirect
    case updateRoom, archiveRoom, restoreRoom
    case inviteToRoom, kickMember, setMemberRole, muteMember, setNotifyLevel

    // Messages
    case sendMessage, listMessages, syncRoom, syncSession, markRead, markUnread
    case showMessage, listVersions, editMessage, deleteMessage, react, searchMessages, watchPresence
    case uploadAttachment, showAttachment
}
