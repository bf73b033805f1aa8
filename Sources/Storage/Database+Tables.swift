package import Domain

extension Database {
    /// All of them, as the domain wants them.
    package var stores: Stores {
        Stores(
            users: users,
            sessions: sessions,
            invites: invites,
            bans: bans,
            webhooks: webhooks,
            audit: audit,
            rooms: rooms,
            messages: messages,
            attachments: attachments
        )
    }

    /// Accounts.
    package var users: UserTable { UserTable(database: self) }
    /// Sessions.
    package var sessions: SessionTable { SessionTable(database: self) }
    /// Invites.
    package var invites: InviteTable { InviteTable(database: self) }
    /// Bans.
    package var bans: BanTable { BanTable(database: self) }
    /// Webhooks.
    package var webhooks: WebhookTable { WebhookTable(database: self) }
    /// The audit log.
    package var audit: AuditTable { AuditTable(database: self) }
    /// Rooms and memberships.
    package var rooms: RoomTable { RoomTable(database: self) }
    /// Messages.
    package var messages: MessageTable { MessageTable(database: self) }
    /// Images.
    package var attachments: AttachmentTable { AttachmentTable(database: self) }
    /// Heartbeats of the instances.
    package var instances: InstanceTable { InstanceTable(database: self) }
}
