import Views

// By which fields lists of what the chat has are sorted and filtered: those of REST, which `--json` prints.

extension UserView: Listed {
    static let fields = ["id", "name", "display_name", "role", "disabled", "deleted", "created_at"]
}

extension RoomView: Listed {
    /// What is the same for everybody: chatctl asks for no one in particular.
    static let fields = [
        "id", "kind", "name", "topic", "last_seq", "msg_count", "last_at", "is_default", "keeps_versions", "created_at",
        "archived_at",
    ]
}

extension MessageView: Listed {
    static let fields = [
        "id", "room", "seq", "n", "changed_seq", "kind", "author", "client_id", "body", "at", "edited_at", "deleted_at",
        "deleted_by", "reply.seq", "reply.author", "reply.body", "reply.attachments", "reply.deleted",
        "reactions.emoji", "reactions.count", "reactions.users", "mentions", "attachments", "attachments.id",
        "attachments.name", "attachments.media_type", "attachments.width", "attachments.height", "attachments.bytes",
        "target", "detail",
    ]
}

extension MemberView: Listed {
    static let fields = UserView.fields.map { "user.\($0)" } + ["role", "joined_at", "muted_until"]
}

extension SessionView: Listed {
    static let fields = ["id", "created_at", "last_used_at", "expires_at", "address", "user_agent"]
}

extension TokenView: Listed {
    static let fields = ["id", "name", "scopes", "user", "created_at", "last_used_at", "expires_at", "revoked_at"]
}

extension InviteView: Listed {
    static let fields = ["id", "uses", "uses_max", "expires_at", "created_by", "created_at", "revoked_at", "rooms"]
}

extension BanView: Listed {
    static let fields = ["id", "user", "address", "until", "reason", "created_by", "created_at", "lifted_at"]
}

extension WebhookView: Listed {
    static let fields = [
        "id", "name", "url", "rooms", "state", "since", "failures", "status", "failure", "attempted_at",
        "next_attempt_at", "created_by", "created_at",
    ]
}

extension AuditEntryView: Listed {
    static let fields = [
        "id", "at", "actor.kind", "actor.user", "actor.name", "action", "subject.kind", "subject.id", "subject.name",
        "detail.*", "address",
    ]
}
