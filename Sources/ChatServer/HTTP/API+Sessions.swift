import Domain
import HTTPTypes
import Hummingbird
import Logging
import Views

// Coming in and going: the first admin, logging in and out.

extension API {
    func addSessionRoutes(to router: RouterGroup<RequestScope>) {
        router.get("setup") { request, scope in
            // The page's first question. Nobody being logged in is an answer here, not a refusal for the browser's log.
            let me = (try? await identify(request, scope)).map { UserView($0.user) }
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
            return try welcome(signedIn, request, scope)
        }
        router.post("sessions") { request, scope in
            let login = try await decode(LoginRequest.self, request)
            let signedIn = try await logIn(name: login.name, password: login.password, request, scope)
            return try welcome(signedIn, request, scope, showsToken: login.token ?? false)
        }
        router.delete("sessions/current") { request, scope in
            let identity = try await identify(request, scope)
            try await chat.logOut(identity)
            broadcasts.ended([identity.session])
            let cookie = BrowserCookie.session.clear(secure: request.isSecure(scope))
            return Response(status: .noContent, headers: [.setCookie: cookie])
        }
        router.get("me") { request, scope in
            try JSONResponse.make(MeView(me: UserView(try await identify(request, scope).user)))
        }
    }

    /// Opens a session for a browser or a program. What is refused stands in the log, where those look who watch for
    /// attacks.
    func logIn(name: String, password: String, _ request: Request, _ scope: RequestScope) async throws -> SignedIn {
        do {
            return try await chat.logIn(
                name: name,
                password: password,
                client: client(request, scope),
                device: BrowserCookie.device.value(in: request.headers[values: .cookie])
            )
        } catch let error as ChatError {
            logger.notice(
                "log-in refused",
                metadata: [
                    "name": "\(name.prefix(Self.loggedNameMax))", "address": "\(scope.origin.address ?? "")",
                    "code": "\(error.code)",
                ]
            )
            throw error
        }
    }

    /// How much of a name that is no account's is written into the log.
    private static let loggedNameMax = 64

    func client(_ request: Request, _ scope: RequestScope) -> ClientInfo {
        ClientInfo(address: scope.origin.address, userAgent: request.headers[.userAgent])
    }

    /// The cookies for a browser; the token itself only for a program that asks, because a page's script need not see
    /// it.
    func welcome(
        _ signedIn: SignedIn,
        _ request: Request,
        _ scope: RequestScope,
        showsToken: Bool = false
    ) throws -> Response {
        let view = MeView(me: UserView(signedIn.user), token: showsToken ? signedIn.secret : nil)
        var response = try JSONResponse.make(view, status: .created)
        let isSecure = request.isSecure(scope)
        response.headers[.setCookie] = BrowserCookie.session.set(signedIn.secret, secure: isSecure)
        if let device = signedIn.device {
            response.headers.append(
                HTTPField(name: .setCookie, value: BrowserCookie.device.set(device, secure: isSecure))
            )
        }
        return response
    }
}

extension Request {
    /// Whether the client came over TLS: a proxy that we trust says so, or the page's own origin does, and then a
    /// cookie that stays on TLS concerns nobody but that page.
    func isSecure(_ scope: RequestScope) -> Bool {
        scope.origin.isSecure || headers[.origin]?.hasPrefix("https://") ?? false
    }
}

private struct SetupView: Encodable {
    var needed: Bool
    var me: UserView?
}

struct SetupRequest: Decodable {
    var token: String
    var name: String
    var password: String
}

private struct LoginRequest: Decodable {
    var name: String
    var password: String
    var token: Bool?
}

struct MeView: Encodable {
    var me: UserView
    var token: String?
}
