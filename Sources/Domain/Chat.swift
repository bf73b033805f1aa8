/// The use cases of the chat: what people and the owner of the machine can do.
///
/// Arguments are checked here, once; what a person may do is decided by finding things through them. Nothing here knows
/// how it is called or stored. Every method throws `ChatError`; `unavailable` means that the same call may be repeated.
package struct Chat: Sendable {
    let users: any UserStoring
    let sessions: any SessionStoring
    let invites: any InviteStoring
    let bans: any BanStoring
    let webhooks: any WebhookStoring
    let auditLog: any AuditStoring
    let rooms: any RoomStoring
    let messages: any MessageStoring
    let attachments: any AttachmentStoring
    let passwords: any PasswordHashing
    let tokens: any TokenIssuing
    let throttle: LoginThrottle
    package let policy: ChatPolicy
    let limiter: RateLimiter
    let clock: any WallClock

    /// The use cases over these stores.
    package init(
        _ stores: Stores,
        passwords: any PasswordHashing,
        tokens: any TokenIssuing,
        throttle: LoginThrottle = LoginThrottle(),
        policy: ChatPolicy = ChatPolicy(),
        limits: RateLimits = .none,
        clock: any WallClock = SystemWallClock()
    ) {
        users = stores.users
        sessions = stores.sessions
        invites = stores.invites
        bans = stores.bans
        webhooks = stores.webhooks
        auditLog = stores.audit
        rooms = stores.rooms
        messages = stores.messages
        attachments = stores.attachments
        self.passwords = passwords
        self.tokens = tokens
        self.throttle = throttle
        self.policy = policy
        limiter = RateLimiter(limits, clock: clock)
        self.clock = clock
    }
}

/// What the owner of the machine decides.
package struct ChatPolicy: Hashable, Sendable {
    /// Who may make an account of their own.
    package var signUp: SignUp
    /// Largest image in bytes; 0 for a chat without images.
    package var attachmentBytesMax: Int

    package static let attachmentBytesMaxDefault = 5 * 1_024 * 1_024

    package enum SignUp: String, Hashable, Sendable, CaseIterable {
        /// Everybody.
        case open
        /// Whoever has an invite link.
        case invite
        /// Nobody; admins add accounts.
        case closed
    }

    /// To which addresses webhooks may go.
    package var webhookNetworks: WebhookNetworks

    package init(
        signUp: SignUp = .invite,
        attachmentBytesMax: Int = attachmentBytesMaxDefault,
        webhookNetworks: WebhookNetworks = .publicOnly
    ) {
        self.signUp = signUp
        self.attachmentBytesMax = attachmentBytesMax
        self.webhookNetworks = webhookNetworks
    }
}
