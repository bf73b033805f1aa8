#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Where rooms and memberships are kept. A room is always found through the person who asks.
package protocol RoomStoring: Sendable {
    /// Stores a room, whose sequence begins with an entry `created`; `owner` becomes its first member.
    ///
    /// Throws `conflict`, field `name`, when the name is taken.
    func insert(_ room: NewRoom, owner: UserID?) async throws -> RoomSummary
    /// The room with the name of `room`, which is stored first if there is none.
    func ensure(_ room: NewRoom) async throws -> Room
    /// Every room that is not direct, and no reading position; for the owner of the machine.
    func listAll() async throws -> [RoomSummary]
    /// All public rooms, and the private and direct rooms of this person.
    func list(for user: UserID) async throws -> [RoomSummary]
    /// A room of this person; nil for anybody else.
    func find(_ id: RoomID, for user: UserID) async throws -> RoomSummary?
    /// The people of a room by name; nil when `user` is not one of them.
    func members(of id: RoomID, for user: UserID) async throws -> [Member]?

    /// Makes the person a member of a public room. Throws `notFound` or `archived`.
    func join(_ id: RoomID, user: UserID, at date: Date) async throws -> JoinReceipt
    /// Ends a membership; nil when there was none in a room that may be seen. Throws `notFound`, or `forbidden` for a
    /// direct room, whose people are fixed.
    func leave(_ id: RoomID, user: UserID, at date: Date) async throws -> Message?
    /// The direct room of exactly these people, made if there is none. Throws `notFound` when one of them does not
    /// exist or, for a new room, is disabled.
    func openDirect(_ people: [UserID], by user: UserID, newID: RoomID, at date: Date) async throws -> DirectReceipt

    /// Moves the reading position forward, never back. Throws `notFound` when the person is not a member.
    func markRead(_ id: RoomID, user: UserID, upTo seq: Int64) async throws -> RoomSummary
}
