import Domain
import HTTPTypes
import Hummingbird
import Views

extension API {
    func addRoomRoutes(to router: RouterGroup<RequestScope>) {
        router.get("rooms") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.tagged(
                RoomsView(rooms: try await chat.rooms(by: .person(identity)).map(RoomView.init)),
                for: request
            )
        }
        router.post("rooms") { request, scope in
            let identity = try await identify(request, scope)
            let room = try await decode(CreateRoomRequest.self, request)
            let receipt = try await chat.createRoom(
                name: room.name,
                topic: room.topic ?? "",
                kind: room.kind ?? .public,
                members: room.members ?? [],
                by: .person(identity)
            )
            broadcasts.made(receipt)
            return try JSONResponse.make(RoomAnswer(receipt.summary), status: .created)
        }
        router.get("rooms/:room") { request, scope in
            let identity = try await identify(request, scope)
            return try JSONResponse.tagged(
                RoomAnswer(try await chat.room(try room(scope), by: identity)),
                for: request
            )
        }
        router.patch("rooms/:room") { request, scope in
            let actor = Actor.person(try await identify(request, scope))
            let id = try room(scope)
            let change = try await decode(UpdateRoomRequest.self, request)
            var receipt: RoomReceipt?
            if change.archived == false {
                receipt = try await chat.restore(id, by: actor)
                broadcasts.archived(receipt!)
            }
            if change.hasMoreThanArchiving {
                receipt = try await chat.updateRoom(
                    id,
                    name: change.name,
                    topic: change.topic,
                    isDefault: change.is_default,
                    keepsVersions: change.keeps_versions,
                    by: actor
                )
                broadcasts.updated(receipt!)
            }
            if change.archived == true {
                receipt = try await chat.archive(id, by: actor)
                broadcasts.archived(receipt!)
            }
            guard let receipt else {
                throw ChatError.invalid(field: "request", message: "Name what to change.")
            }
            return try JSONResponse.make(RoomAnswer(receipt.summary))
        }
        router.get("rooms/:room/members") { request, scope in
            let identity = try await identify(request, scope)
            let id = try room(scope)
            let members = try await chat.members(of: id, by: identity)
            let shown = members.prefix(PresenceHandlers.watchedMax).map(\.user.id)
            return try JSONResponse.make(MembersView(members, await presence.states(of: shown)))
        }
        router.put("rooms/:room/members/:user") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let role = try await decodeIfPresent(MemberRequest.self, request)?.role
            return try await admit(user, to: try room(scope), as: role, by: identity)
        }
        router.delete("rooms/:room/members/:user") { request, scope in
            let identity = try await identify(request, scope)
            let user = try parameter("user", as: UserID.self, scope)
            let id = try room(scope)
            if user == identity.user.id {
                await markers.settle(id, of: user)
                if let entry = try await chat.leave(id, by: identity) { broadcasts.entered([entry]) }
            } else {
                broadcasts.entered([try await chat.kick(user, from: id, by: .person(identity))])
            }
            return Response(status: .noContent)
        }
        router.post("dms") { request, scope in
            let identity = try await identify(request, scope)
            let receipt = try await chat.openDirect(
                with: try await decode(DirectRequest.self, request).users,
                by: identity
            )
            broadcasts.opened(receipt)
            return try JSONResponse.make(RoomAnswer(receipt.summary), status: receipt.created ? .created : .ok)
        }
    }

    /// Makes somebody a member: oneself of a public room, anybody by invitation; then gives them the role.
    private func admit(
        _ user: UserID,
        to room: RoomID,
        as role: RoomRole?,
        by identity: Identity
    ) async throws -> Response {
        if user == identity.user.id {
            broadcasts.joined(try await chat.join(room, by: identity))
        } else {
            broadcasts.entered(try await chat.invite([user], to: room, by: .person(identity)).entries)
        }
        if let role {
            broadcasts.changed(try await chat.setRole(role, of: user, in: room, by: .person(identity)))
        }
        return try JSONResponse.make(RoomAnswer(try await chat.room(room, by: identity)))
    }
}

private struct CreateRoomRequest: Decodable {
    var name: String
    var topic: String?
    var kind: Domain.Room.Kind?
    var members: [UserID]?
}

private struct UpdateRoomRequest: Decodable {
    var name: String?
    var topic: String?
    var is_default: Bool?
    var keeps_versions: Bool?
    var archived: Bool?

    var hasMoreThanArchiving: Bool { name != nil || topic != nil || is_default != nil || keeps_versions != nil }
}

private struct MemberRequest: Decodable {
    var role: RoomRole?
}

private struct DirectRequest: Decodable {
    var users: [UserID]
}
