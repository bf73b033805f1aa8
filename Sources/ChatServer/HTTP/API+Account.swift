import Domain
import HTTPTypes
import Hummingbird
import Views

// One's own account: how one is shown, password, log-ins and tokens.

extension API {
    func addAccountRoutes(to router: RouterGroup<RequestScope>) {
        router.patch("me") { request, scope in
            let identity = try await identify(request, scope)
            let change = try await decode(ProfileRequest.self, request)
            let user = try await chat.setDisplayName(change.display_name, by: identity)
            broadcasts.updated(user)
            return try JSONResponse.make(MeView(me: UserView(user)))
        }
        router.post("me/password") { request, scope in
            let identity = try await identify(request, scope)
            let passwords = try await decode(PasswordChangeRequest.self, request)
            let change = try await naming("new", for: "password") {
                try await chat.changePassword(from: passwords.current, to: passwords.new, by: identity)
            }
            broadcasts.ended(change.ended)
            let cookie = BrowserCookie.session.set(change.secret, secure: request.isSecure(scope))
            return Response(status: .noContent, headers: [.setCookie: cookie])
        }
        addOwnSessionRoutes(to: router)
        addOwnTokenRoutes(to: router)
    }

    private func addOwnSessionRoutes(to router: RouterGroup<RequestScope>) {
        router.get("me/sessions") { request, scope in
            let identity = try await identify(request, scope)
            let sessions = try await chat.ownSessions(by: identity)
            return try JSONResponse.make(
                SessionsView(sessions: sessions.map { SessionView($0, current: identity.session) })
            )
        }
        router.delete("me/sessions") { request, scope in
            let identity = try await identify(request, scope)
            broadcasts.ended(try await chat.revokeOtherSessions(by: identity))
            return Response(status: .noContent)
        }
        router.delete("me/sessions/:session") { request, scope in
            let identity = try await identify(request, scope)
            let session = try parameter("session", as: SessionID.self, scope)
            try await chat.revokeOwnSession(session, by: identity)
            broadcasts.ended([session])
            return Response(status: .noContent)
        }
    }

    private func addOwnTokenRoutes(to router: RouterGroup<RequestScope>) {
        router.get("me/tokens") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.make(
                TokensView(tokens: try await chat.ownTokens(by: identity).map(TokenView.init))
            )
        }
        router.post("me/tokens") { request, scope in
            let identity = try await identify(request, scope)
            let token = try await decode(TokenRequest.self, request)
            let issued = try await chat.issueOwnToken(
                name: token.name,
                scopes: try token.parsedScopes(),
                expiresIn: token.expires_in,
                by: identity
            )
            return try JSONResponse.make(IssuedTokenView(issued), status: .created)
        }
        router.delete("me/tokens/:token") { request, scope in
            let identity = try await identify(request, scope)
            let token = try parameter("token", as: SessionID.self, scope)
            try await chat.revokeOwnToken(token, by: identity)
            broadcasts.ended([token])
            return Response(status: .noContent)
        }
    }
}

private struct ProfileRequest: Decodable {
    var display_name: String
}

private struct PasswordChangeRequest: Decodable {
    var current: String
    var new: String
}

struct TokenRequest: Decodable {
    var name: String
    var scopes: [String]?
    var expires_in: Int64?

    /// Without a word about it a token is for chatting.
    func parsedScopes() throws -> Set<Scope> {
        guard let scopes else { return [.chat] }
        return Set(
            try scopes.map { text in
                guard let scope = Scope(rawValue: text) else {
                    throw ChatError.invalid(field: "scopes", message: "A token has the scope chat, admin, or both.")
                }
                return scope
            }
        )
    }
}
