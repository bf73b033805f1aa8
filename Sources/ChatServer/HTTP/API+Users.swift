import Domain
import HTTPTypes
import Hummingbird
import Views

// Accounts, as everybody sees them and as admins change them.

extension API {
    func addUserRoutes(to router: RouterGroup<RequestScope>) {
        router.get("users") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.tagged(
                PeopleView(users: try await chat.users(by: .person(identity)).map(UserView.init)),
                for: request
            )
        }
        router.get("users/:user") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            return try JSONResponse.tagged(
                UserAnswer(try await chat.user(user, by: .person(identity))),
                for: request
            )
        }
        router.post("users") { request, scope in
            let identity = try await identify(request, scope)
            let user = try await decode(NewUserRequest.self, request)
            let added = try await chat.addUser(
                name: user.name,
                displayName: user.display_name,
                password: user.password,
                role: user.role ?? .member,
                by: .person(identity)
            )
            return try JSONResponse.make(UserAnswer(added), status: .created)
        }
        router.patch("users/:user") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let change = try await decode(UserChangeRequest.self, request)
            let update = try await chat.updateUser(user, try change.parsed(), by: .person(identity))
            broadcasts.updated(update)
            return try JSONResponse.make(UserAnswer(update.after))
        }
        router.delete("users/:user") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            broadcasts.deleted(try await chat.deleteUser(user, by: .person(identity)))
            return Response(status: .noContent)
        }
        addAccessRoutes(to: router)
    }

    private func addAccessRoutes(to router: RouterGroup<RequestScope>) {
        router.post("users/:user/password") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let reset = try await decode(PasswordResetRequest.self, request)
            broadcasts.ended(try await chat.resetPassword(of: user, to: reset.password, by: .person(identity)))
            return Response(status: .noContent)
        }
        router.get("users/:user/sessions") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let sessions = try await chat.sessions(of: user, by: .person(identity))
            return try JSONResponse.make(
                SessionsView(sessions: sessions.map { SessionView($0, current: identity.session) })
            )
        }
        router.delete("users/:user/sessions") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            broadcasts.ended(try await chat.revokeSessions(of: user, by: .person(identity)))
            return Response(status: .noContent)
        }
        router.get("users/:user/tokens") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let tokens = try await chat.tokens(of: user, by: .person(identity))
            return try JSONResponse.make(TokensView(tokens: tokens.map(TokenView.init)))
        }
        router.post("users/:user/tokens") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let token = try await decode(TokenRequest.self, request)
            let issued = try await chat.issueToken(
                for: user,
                name: token.name,
                scopes: try token.parsedScopes(),
                expiresIn: token.expires_in,
                by: .person(identity)
            )
            return try JSONResponse.make(IssuedTokenView(issued), status: .created)
        }
        router.delete("users/:user/tokens/:token") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let token = try parameter("token", as: SessionID.self, scope)
            try await chat.revokeToken(token, of: user, by: .person(identity))
            broadcasts.ended([token])
            return Response(status: .noContent)
        }
    }
}

private struct NewUserRequest: Decodable {
    var name: String
    var display_name: String?
    var password: String?
    var role: User.Role?
}

private struct UserChangeRequest: Decodable {
    var name: String?
    var display_name: String?
    var role: User.Role?
    var disabled: Bool?

    func parsed() throws -> UserChange {
        guard name != nil || display_name != nil || role != nil || disabled != nil else {
            throw ChatError.invalid(field: "request", message: "Name what to change.")
        }
        return UserChange(
            name: try name.map { try UserName($0) },
            displayName: try display_name.map { try DisplayName($0) },
            role: role,
            isDisabled: disabled
        )
    }
}

private struct PasswordResetRequest: Decodable {
    var password: String
}
