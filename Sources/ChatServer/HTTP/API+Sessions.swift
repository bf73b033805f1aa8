import Domain
import HTTPTypes
import Hummingbird

extension API {
    func addSessionRoutes(to router: RouterGroup<RequestScope>) {
        router.get("setup") { request, _ in
            // The page's first question. Nobody being logged in is an answer here, not a refusal for the browser's log.
            let me = (try? await identify(request)).map { UserView($0.user) }
            return try JSONResponse.make(SetupView(needed: me == nil ? try await chat.needsSetup() : false, me: me))
        }
        router.post("setup") { request, scope in
            let setup = try await decode(SetupRequest.self, request)
            let signedIn = try await chat.setUp(
                token: setup.token,
                name: setup.name,
                password: setup.password,
                client: client(request, scope)
            )
            return try welcome(signedIn, request, showsToken: false)
        }
        router.post("sessions") { request, scope in
            let login = try await decode(LoginRequest.self, request)
            let signedIn = try await chat.logIn(
                name: login.name,
                password: login.password,
                client: client(request, scope)
            )
            return try welcome(signedIn, request, showsToken: login.token ?? false)
        }
        router.delete("sessions/current") { request, _ in
            let identity = try await identify(request)
            try await chat.logOut(identity)
            broadcasts.loggedOut(identity.session)
            return Response(status: .noContent, headers: [.setCookie: SessionCookie.clear(secure: request.isSecure)])
        }
        router.get("me") { request, _ in
            try JSONResponse.make(MeView(me: UserView(try await identify(request).user)))
        }
        router.get("users") { request, _ in
            let identity = try await identify(request)
            return try JSONResponse.make(
                PeopleView(users: try await chat.users(by: .person(identity)).map(UserView.init))
            )
        }
    }

    private func client(_ request: Request, _ scope: RequestScope) -> ClientInfo {
        ClientInfo(address: scope.remoteAddress?.ipAddress, userAgent: request.headers[.userAgent])
    }

    /// The cookie for a browser; the token itself only for a program that asks, because a page's script need not see it.
    private func welcome(_ signedIn: SignedIn, _ request: Request, showsToken: Bool) throws -> Response {
        let view = MeView(me: UserView(signedIn.user), token: showsToken ? signedIn.secret : nil)
        var response = try JSONResponse.make(view, status: .created)
        response.headers[.setCookie] = SessionCookie.set(signedIn.secret, secure: request.isSecure)
        return response
    }
}

extension Request {
    /// Whether the page was loaded over TLS, as its own origin says; a proxy in front ends the TLS.
    fileprivate var isSecure: Bool {
        headers[.origin]?.hasPrefix("https://") ?? false
    }
}

private struct SetupView: Encodable {
    var needed: Bool
    var me: UserView?
}

private struct SetupRequest: Decodable {
    var token: String
    var name: String
    var password: String
}

private struct LoginRequest: Decodable {
    var name: String
    var password: String
    var token: Bool?
}

private struct MeView: Encodable {
    var me: UserView
    var token: String?
}
