import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Views

// Who is kept out.

extension API {
    func addBanRoutes(to router: RouterGroup<RequestScope>) {
        router.get("bans") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.make(
                BansView(bans: try await chat.bans(by: .person(identity)).map(BanView.init))
            )
        }
        router.post("bans") { request, scope in
            let identity = try await identify(request, scope)
            let request = try await decode(BanRequest.self, request)
            let ban = try await chat.ban(
                try request.subject(),
                until: request.until,
                reason: request.reason,
                by: .person(identity)
            )
            broadcasts.banned(ban)
            return try JSONResponse.make(BanAnswer(ban: BanView(ban)), status: .created)
        }
        router.delete("bans/:ban") { request, scope in
            let identity = try await identify(request, scope)
            _ = try await chat.liftBan(try parameter("ban", as: BanID.self, scope), by: .person(identity))
            return Response(status: .noContent)
        }
    }
}

private struct BanRequest: Decodable {
    var user: UserID?
    var address: String?
    var until: Date?
    var reason: String

    func subject() throws -> Ban.Subject {
        switch (user, address) {
        case (let user?, nil): return .user(user)
        case (nil, let address?):
            guard let range = AddressRange(address) else {
                throw ChatError.invalid(field: "address", message: "Name an address or a network such as 192.0.2.0/24.")
            }
            return .address(range)
        case (nil, nil), (.some, .some):
            throw ChatError.invalid(field: "user", message: "Name either a user or an address.")
        }
    }
}
