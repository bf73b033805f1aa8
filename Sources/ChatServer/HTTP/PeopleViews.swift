import Domain
import Views

// The JSON of what concerns accounts and access. The rules are those of `Views`.

struct SessionsView: Encodable {
    var sessions: [SessionView]
}

struct TokensView: Encodable {
    var tokens: [TokenView]
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

struct AuditView: Encodable {
    var entries: [AuditEntryView]
    /// Where the next page begins; nil behind the last one.
    var next: String?
}
