import Domain
import HTTPTypes
import Hummingbird
import Views

// Invites, and the accounts that people make of their own.

extension API {
    func addInviteRoutes(to router: RouterGroup<RequestScope>) {
        router.get("signup") { request, _ in
            let code = request.query["invite"]
            let invite = if let code { try await chat.usableInvite(code: code) } else { Invite?.none }
            return try JSONResponse.make(
                SignUpView(
                    open: chat.policy.signUp == .open,
                    invite: code.map { _ in
                        SignUpView.Preview(valid: invite != nil, rooms: invite?.rooms.map(\.description))
                    }
                )
            )
        }
        router.post("signup") { request, scope in
            let person = try await decode(SignUpRequest.self, request)
            let signedIn = try await chat.signUp(
                name: person.name,
                displayName: person.display_name,
                password: person.password,
                invite: person.invite,
                client: client(request, scope)
            )
            broadcasts.updated(signedIn.user)
            return try welcome(signedIn, request, scope)
        }
        router.get("invites") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.make(
                InvitesView(invites: try await chat.invites(by: .person(identity)).map(InviteView.init))
            )
        }
        router.post("invites") { request, scope in
            let identity = try await identify(request, scope)
            let invite = try await decode(InviteRequest.self, request)
            let issued = try await chat.createInvite(
                usesMax: invite.uses_max,
                expiresIn: invite.expires_in,
                rooms: invite.rooms ?? [],
                by: .person(identity)
            )
            let page = "\(request.isSecure(scope) ? "https" : "http")://\(request.head.authority ?? "localhost")/"
            return try JSONResponse.make(IssuedInviteView(issued, page: page), status: .created)
        }
        router.delete("invites/:invite") { request, scope in
            let identity = try await identify(request, scope)
            try await chat.revokeInvite(try parameter("invite", as: InviteID.self, scope), by: .person(identity))
            return Response(status: .noContent)
        }
    }
}

private struct SignUpView: Encodable {
    var open: Bool
    var invite: Preview?

    struct Preview: Encodable {
        var valid: Bool
        var rooms: [String]?
    }
}

struct SignUpRequest: Decodable {
    var name: String
    var display_name: String?
    var password: String
    var invite: String?
}

private struct InviteRequest: Decodable {
    var uses_max: Int64?
    var expires_in: Int64?
    var rooms: [RoomID]?
}
