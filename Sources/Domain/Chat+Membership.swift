#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

extension Chat {
    /// People in one invitation, at most.
    package static let invitedMax = 100
    /// The reason of a removal has at most this many characters.
    package static let reasonCharactersMax = 250

    /// Joins a public room; once is enough. Throws `notFound` or `archived`.
    package func join(_ id: RoomID, by identity: Identity) async throws -> JoinReceipt {
        try Operation.joinRoom.authorize(identity)
        try limiter.count(.join, by: identity.user.id)
        return try await rooms.join(id, by: identity, at: clock.now)
    }

    /// Leaves a room and returns the entry of its sequence; nil when the person was no member. Throws `notFound`,
    /// `forbidden` for a direct room, and `conflict` for the last owner of a room with other members.
    package func leave(_ id: RoomID, by identity: Identity) async throws -> Message? {
        try Operation.leaveRoom.authorize(identity)
        try limiter.count(.join, by: identity.user.id)
        return try await rooms.leave(id, by: identity, at: clock.now)
    }

    /// Adds people to a room of the actor; who is a member already is passed over. Throws `notFound`, `tooLarge`,
    /// `forbidden` for a direct room, `archived`.
    package func invite(_ people: [UserID], to id: RoomID, by actor: Actor) async throws -> RoomReceipt {
        try Operation.inviteToRoom.authorize(actor)
        if let user = actor.user { try limiter.count(.join, by: user.id) }
        try Self.requireFew(people, field: "users")
        return try await rooms.add(people, to: id, by: actor, at: clock.now)
    }

    /// Removes a member from a room that the actor moderates. Throws `notFound`, `forbidden`, and `conflict` for the
    /// last owner.
    package func kick(_ user: UserID, from id: RoomID, reason: String? = nil, by actor: Actor) async throws -> Message {
        try Operation.kickMember.authorize(actor)
        let reason = reason.map { String($0.filter { !$0.isNewline }.prefix(Self.reasonCharactersMax)) }
        return try await rooms.remove(user, from: id, reason: reason, by: actor, at: clock.now)
    }

    /// Changes what a member may do in a room that the actor owns. Throws `notFound`, `forbidden`, and `conflict` for
    /// the last owner.
    package func setRole(
        _ role: RoomRole,
        of user: UserID,
        in id: RoomID,
        by actor: Actor
    ) async throws -> MemberReceipt {
        try Operation.setMemberRole.authorize(actor)
        return try await rooms.setRole(role, of: user, in: id, by: actor, at: clock.now)
    }

    /// Keeps a member of a room that the actor moderates from writing until a time; nil, or a time that is past, lets
    /// them write again. Throws `notFound`, `forbidden`.
    package func mute(_ user: UserID, in id: RoomID, until: Date?, by actor: Actor) async throws -> MemberReceipt {
        try Operation.muteMember.authorize(actor)
        let now = clock.now
        let until = until.flatMap { $0 > now ? $0 : nil }
        return try await rooms.mute(user, in: id, until: until, by: actor, at: now)
    }

    /// Of what in a room of the person they want to be told. Throws `notFound`.
    package func setNotifyLevel(
        _ level: NotifyLevel,
        in id: RoomID,
        by identity: Identity
    ) async throws -> RoomSummary {
        try Operation.setNotifyLevel.authorize(identity)
        return try await rooms.setNotifyLevel(level, in: id, for: identity.user.id)
    }

    /// The person has read the room up to `seq`. Late and repeated calls never move the position back. Throws
    /// `notFound`.
    package func markRead(_ room: RoomID, upTo seq: Int64, by identity: Identity) async throws -> RoomSummary {
        try Operation.markRead.authorize(identity)
        return try await rooms.markRead(room, user: identity.user.id, upTo: seq)
    }

    /// What `markRead` would answer. Nothing is stored. Throws `notFound`.
    package func previewRead(_ room: RoomID, upTo seq: Int64, by identity: Identity) async throws -> RoomSummary {
        try Operation.markRead.authorize(identity)
        guard let summary = try await rooms.previewRead(room, user: identity.user.id, upTo: seq) else {
            throw ChatError.notFound
        }
        return summary
    }

    /// Those of these people with whom the person shares a room, and the person.
    package func acquainted(_ people: [UserID], by identity: Identity) async throws -> [UserID] {
        try Operation.watchPresence.authorize(identity)
        return try await rooms.acquainted(people, with: identity.user.id)
    }

    /// Whether the room of the person has at most so many members. Throws `notFound`.
    package func hasAtMost(_ count: Int, in room: RoomID, by identity: Identity) async throws -> Bool {
        try Operation.listMembers.authorize(identity)
        guard let members = try await rooms.memberCount(of: room, atMost: count + 1, for: identity.user.id) else {
            throw ChatError.notFound
        }
        return members <= count
    }

    /// Marks the room as unread from `seq` on. Throws `notFound`.
    package func markUnread(_ room: RoomID, from seq: Int64, by identity: Identity) async throws -> RoomSummary {
        try Operation.markUnread.authorize(identity)
        return try await rooms.markUnread(room, user: identity.user.id, from: seq)
    }

    static func requireFew(_ people: [UserID], field: String) throws {
        guard people.count <= invitedMax else {
            throw ChatError.tooLarge(field: field, message: "Name at most \(invitedMax) people.")
        }
    }
}
