#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where rooms and memberships are kept. A room is always found through the person who asks.
package protocol RoomStoring: Sendable {
    /// Stores a room, whose sequence begins with an entry `created`; who makes it becomes its owner, and `members` are
    /// added.
    ///
    /// Throws `conflict`, field `name`, when the name is taken, and `notFound` when a member does not exist.
    func insert(_ room: NewRoom, members: [UserID], by actor: Actor) async throws -> RoomReceipt
    /// The room with the name of `room`, which is stored first if there is none.
    func ensure(_ room: NewRoom) async throws -> Room
    /// Every room that is not direct, and no reading position; for the owner of the machine.
    func listAll() async throws -> [RoomSummary]
    /// All public rooms, and the private and direct rooms of this person.
    func list(for user: UserID) async throws -> [RoomSummary]
    /// A room of this person or a public one; nil for any other.
    func find(_ id: RoomID, for user: UserID) async throws -> RoomSummary?
    /// How many people are in a room, counting no further than `limit`; nil when `user` is not one of them.
    func memberCount(of id: RoomID, atMost limit: Int, for user: UserID) async throws -> Int?
    /// Those of these people who share a room with `user`.
    func acquainted(_ people: [UserID], with user: UserID) async throws -> [UserID]
    /// The people of a room by name; nil when `user` is not one of them.
    func members(of id: RoomID, for user: UserID) async throws -> [Member]?

    /// The highest number of an admission so far; 0 before the first.
    func latestAdmission() async throws -> Int64
    /// The memberships that stand and whose admission has a number above `number`, in the order of these, at most
    /// `limit`.
    func admissions(after number: Int64, limit: Int) async throws -> [Admission]

    /// Changes what a room is called and about. Throws `notFound`, `forbidden` to those who do not moderate it, and
    /// `conflict`, field `name`. Only admins say which rooms are default ones.
    func update(_ id: RoomID, _ change: RoomChange, by actor: Actor, at date: Date) async throws -> RoomReceipt
    /// Closes a room for writing, or opens it again. Throws `notFound`, `forbidden` to those who do not own it.
    func archive(_ id: RoomID, _ archived: Bool, by actor: Actor, at date: Date) async throws -> RoomReceipt

    /// Makes the person a member of a public room. Throws `notFound` or `archived`.
    func join(_ id: RoomID, by identity: Identity, at date: Date) async throws -> JoinReceipt
    /// Ends a membership; nil when there was none in a room that may be seen. Throws `notFound`, `forbidden` for a
    /// direct room, whose people are fixed, and `conflict`, field `role`, for the last owner.
    func leave(_ id: RoomID, by identity: Identity, at date: Date) async throws -> Message?
    /// Makes people members; who is one already is passed over. Throws `notFound`, `forbidden` for a direct room,
    /// `archived`.
    func add(_ people: [UserID], to id: RoomID, by actor: Actor, at date: Date) async throws -> RoomReceipt
    /// Ends the membership of somebody else. Throws `notFound`, `forbidden`, and `conflict` for the last owner.
    func remove(
        _ user: UserID,
        from id: RoomID,
        reason: String?,
        by actor: Actor,
        at date: Date
    ) async throws -> Message
    /// Changes what a member may do. Throws `notFound`, `forbidden`, and `conflict` for the last owner.
    func setRole(
        _ role: RoomRole,
        of user: UserID,
        in id: RoomID,
        by actor: Actor,
        at date: Date
    ) async throws -> MemberReceipt
    /// Keeps a member from writing until a time, or lets them write again. Throws `notFound`, `forbidden`.
    func mute(
        _ user: UserID,
        in id: RoomID,
        until: Date?,
        by actor: Actor,
        at date: Date
    ) async throws -> MemberReceipt
    /// Throws `notFound` when the person is not a member.
    func setNotifyLevel(_ level: NotifyLevel, in id: RoomID, for user: UserID) async throws -> RoomSummary

    /// The direct room of exactly these people, made if there is none. Throws `notFound` when one of them does not
    /// exist or, for a new room, is disabled.
    func openDirect(_ people: [UserID], by user: UserID, newID: RoomID, at date: Date) async throws -> DirectReceipt

    /// Moves the reading position forward, never back. Throws `notFound` when the person is not a member.
    func markRead(_ id: RoomID, user: UserID, upTo seq: Int64) async throws -> RoomSummary
    /// The room as it would be after `markRead`; nil when the person is not a member.
    func previewRead(_ id: RoomID, user: UserID, upTo seq: Int64) async throws -> RoomSummary?
    /// Moves the reading position back to before `seq`; the only way back. Throws `notFound`.
    func markUnread(_ id: RoomID, user: UserID, from seq: Int64) async throws -> RoomSummary
}
