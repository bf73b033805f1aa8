/// Where everything is kept; one store for each kind of thing.
package struct Stores: Sendable {
    package let users: any UserStoring
    package let sessions: any SessionStoring
    package let invites: any InviteStoring
    package let bans: any BanStoring
    package let webhooks: any WebhookStoring
    package let audit: any AuditStoring
    package let rooms: any RoomStoring
    package let messages: any MessageStoring
    package let attachments: any AttachmentStoring

    package init(
        users: any UserStoring,
        sessions: any SessionStoring,
        invites: any InviteStoring,
        bans: any BanStoring,
        webhooks: any WebhookStoring,
        audit: any AuditStoring,
        rooms: any RoomStoring,
        messages: any MessageStoring,
        attachments: any AttachmentStoring
    ) {
        self.users = users
        self.sessions = sessions
        self.invites = invites
        self.bans = bans
        self.webhooks = webhooks
        self.audit = audit
        self.rooms = rooms
        self.messages = messages
        self.attachments = attachments
    }
}
