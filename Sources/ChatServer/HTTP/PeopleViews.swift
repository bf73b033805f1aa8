import Domain
import SocketIO

// The JSON of what concerns accounts and access. The rules are those of `Wire.swift`.

struct SessionsView: Encodable {
    var sessions: [SessionView]
}

struct SessionView: Encodable {
    var id: String
    var created_at: String
    var last_used_at: String
    var expires_at: String?
    var address: String?
    var user_agent: String?
    var current: Bool

    init(_ session: Session, current: SessionID) {
        id = session.id.description
        created_at = WireDate.format(session.createdAt)
        last_used_at = WireDate.format(session.lastUsedAt)
        expires_at = session.expiresAt.map(WireDate.format)
        address = session.client.address
        user_agent = session.client.userAgent
        self.current = session.id == current
    }
}

struct TokensView: Encodable {
    var tokens: [TokenView]
}

struct TokenView: Encodable {
    var id: String
    var name: String
    var scopes: [String]
    var user: String
    var created_at: String
    var last_used_at: String
    var expires_at: String?
    var revoked_at: String?

    init(_ token: Session) {
        id = token.id.description
        switch token.kind {
        case .login: (name, scopes) = ("", [])
        case .token(let given, let granted): (name, scopes) = (given, granted.map(\.rawValue).sorted())
        }
        user = token.user.description
        created_at = WireDate.format(token.createdAt)
        last_used_at = WireDate.format(token.lastUsedAt)
        expires_at = token.expiresAt.map(WireDate.format)
        revoked_at = token.revokedAt.map(WireDate.format)
    }
}

struct IssuedTokenView: Encodable {
    var token: TokenView
    /// Shown here and never again.
    var secret: String

    init(_ issued: IssuedToken) {
        token = TokenView(issued.token)
        secret = issued.secret
    }
}

struct InvitesView: Encodable {
    var invites: [InviteView]
}

struct InviteView: Encodable {
    var id: String
    var uses: Int64
    var uses_max: Int64?
    var expires_at: String?
    var created_by: String?
    var created_at: String
    var revoked_at: String?
    var rooms: [String]

    init(_ invite: Invite) {
        id = invite.id.description
        uses = invite.uses
        uses_max = invite.usesMax
        expires_at = invite.expiresAt.map(WireDate.format)
        created_by = invite.createdBy?.description
        created_at = WireDate.format(invite.createdAt)
        revoked_at = invite.revokedAt.map(WireDate.format)
        rooms = invite.rooms.map(\.description)
    }
}

struct IssuedInviteView: Encodable {
    var invite: InviteView
    /// Shown here and never again.
    var code: String
    /// The code stands in the fragment, which a browser never sends and no server logs.
    var url: String

    init(_ issued: IssuedInvite, page: String) {
        invite = InviteView(issued.invite)
        code = issued.code
        url = "\(page)#invite=\(issued.code)"
    }
}

struct BansView: Encodable {
    var bans: [BanView]
}

struct BanAnswer: Encodable {
    var ban: BanView
}

struct BanView: Encodable {
    var id: String
    var user: String?
    var address: String?
    var until: String?
    var reason: String
    var created_by: String?
    var created_at: String
    var lifted_at: String?

    init(_ ban: Ban) {
        id = ban.id.description
        switch ban.subject {
        case .user(let id): user = id.description
        case .address(let range): address = range.description
        }
        until = ban.until.map(WireDate.format)
        reason = ban.reason
        created_by = ban.createdBy?.description
        created_at = WireDate.format(ban.createdAt)
        lifted_at = ban.liftedAt.map(WireDate.format)
    }
}

struct AuditView: Encodable {
    var entries: [AuditEntryView]
    /// Where the next page begins; nil behind the last one.
    var next: String?
}

struct AuditEntryView: Encodable {
    var id: String
    var at: String
    var actor: Actor
    var action: String
    var subject: Subject
    var detail: [String: String]
    var address: String?

    struct Actor: Encodable {
        var kind: String
        var user: String?
        var name: String
    }

    struct Subject: Encodable {
        var kind: String
        var id: String?
        var name: String?
    }

    init(_ entry: AuditEntry) {
        id = entry.id.description
        at = WireDate.format(entry.at)
        actor = Actor(
            kind: entry.actor.user == nil ? "system" : "person",
            user: entry.actor.user?.description,
            name: entry.actor.name
        )
        action = entry.action.rawValue
        subject = Subject(kind: entry.subject.kind.rawValue, id: entry.subject.id, name: entry.subject.name)
        detail = entry.detail
        address = entry.address
    }
}
